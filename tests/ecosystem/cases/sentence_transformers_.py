# packages: sentence-transformers transformers
import torch
from sentence_transformers import util

torch.manual_seed(0)
a, b = torch.randn(3, 8), torch.randn(4, 8)
print(*util.cos_sim(a, b).flatten().tolist())
hits = util.semantic_search(a, b, top_k=2)
print(*[hit["corpus_id"] for row in hits for hit in row])
