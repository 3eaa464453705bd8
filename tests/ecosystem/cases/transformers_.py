# packages: transformers
import torch
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
)

torch.manual_seed(0)
ids, label = torch.randint(0, 50, (2, 8)), torch.tensor([0, 1])
small = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2}
small |= {"num_attention_heads": 2, "intermediate_size": 32}
gpt2 = {"vocab_size": 50, "n_positions": 32, "n_embd": 16, "n_layer": 2, "n_head": 2}
models = {
    "bert": (BertForSequenceClassification(BertConfig(**small)), label),
    "gpt2": (GPT2LMHeadModel(GPT2Config(**gpt2)), ids),
    "llama": (LlamaForCausalLM(LlamaConfig(**small)), ids),
}
for name, (model, labels) in models.items():
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for step in range(2):
        optimizer.zero_grad()
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        optimizer.step()
        print(name, loss.item())
