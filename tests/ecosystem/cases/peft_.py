# packages: peft transformers accelerate safetensors
import torch
from peft import LoraConfig, get_peft_model
from transformers import GPT2Config, GPT2LMHeadModel

torch.manual_seed(0)
config = GPT2Config(vocab_size=50, n_positions=32, n_embd=16, n_layer=1, n_head=2)
model = get_peft_model(
    GPT2LMHeadModel(config), LoraConfig(r=2, target_modules=["c_attn"], lora_alpha=4)
)
model.print_trainable_parameters()
ids = torch.randint(0, 50, (2, 8))
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], 0.01)
for step in range(3):
    optimizer.zero_grad()
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
