# packages: open_clip_torch timm torchvision ftfy
import open_clip
import torch

torch.manual_seed(0)
vision = {"image_size": 16, "layers": 1, "width": 16, "head_width": 8, "patch_size": 8}
text = {"context_length": 8, "vocab_size": 32, "width": 16, "heads": 2, "layers": 1}
model = open_clip.CLIP(16, vision, text)
images, words = torch.randn(2, 3, 16, 16), torch.randint(1, 32, (2, 8))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for step in range(2):
    optimizer.zero_grad()
    a, b, scale = model(images, words)
    logits = scale * a @ b.T
    loss = torch.nn.functional.cross_entropy(logits, torch.arange(2))
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
