# packages: segment-anything torchvision
import numpy as np
import torch
from segment_anything import SamPredictor
from segment_anything.modeling import (
    ImageEncoderViT,
    MaskDecoder,
    PromptEncoder,
    Sam,
    TwoWayTransformer,
)

torch.manual_seed(0)
encoder = ImageEncoderViT(
    img_size=64, patch_size=16, embed_dim=16, depth=2, num_heads=2, out_chans=16,
    use_rel_pos=True, window_size=2, global_attn_indexes=(1,),
)  # fmt: skip
prompts = PromptEncoder(16, (4, 4), (64, 64), 4)
decoder = MaskDecoder(
    transformer_dim=16,
    transformer=TwoWayTransformer(2, 16, 2, 32),
    iou_head_hidden_dim=16,
)
model = Sam(encoder, prompts, decoder)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
image = torch.rand(1, 3, 64, 64)
for step in range(2):
    optimizer.zero_grad()
    points = (torch.tensor([[[20.0, 30.0]]]), torch.tensor([[1]]))
    sparse, dense = prompts(points=points, boxes=None, masks=None)
    masks, quality = decoder(
        encoder(image), prompts.get_dense_pe(), sparse, dense, True
    )
    loss = masks.pow(2).mean() + quality.pow(2).mean()
    loss.backward()
    optimizer.step()
    print("loss", loss.item(), masks.shape)
predictor = SamPredictor(model.eval())
predictor.set_image(
    (255 * np.linspace(0, 1, 48 * 64 * 3)).reshape(48, 64, 3).astype("uint8")
)
masks, quality, low = predictor.predict(np.array([[20, 30]]), np.array([1]))
print(masks.shape, masks.sum(), quality.tolist(), np.abs(low).mean())
