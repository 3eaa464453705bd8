# 모델 저장
torch.save(model.state_dict(), "model.pth")

# 모델 불러오기
model.load_state_dict(torch.load("model.pth"))
