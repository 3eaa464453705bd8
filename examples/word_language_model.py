"""A word model: an LSTM, a GRU or a transformer reads seven sonnets.

python -m torchlike examples/word_language_model.py --model LSTM
python examples/word_language_model.py         # the same script on PyTorch
"""

import argparse
import math
import re
from pathlib import Path

import torch
import torch.nn as nn
from tqdm import tqdm

TEXT = Path(__file__).parent / "data" / "sonnets.txt"


class Corpus:
    def __init__(self, text):
        words = re.findall(r"[\w'-]+|[.,:;?!]|\n", text.lower())
        self.idx2word = list(dict.fromkeys(words))
        self.word2idx = {w: i for i, w in enumerate(self.idx2word)}
        self.ids = torch.tensor([self.word2idx[w] for w in words])


class RNNModel(nn.Module):
    def __init__(self, kind, ntoken, width, layers, dropout):
        super().__init__()
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(ntoken, width)
        self.rnn = getattr(nn, kind)(width, width, layers, dropout=dropout)
        self.decoder = nn.Linear(width, ntoken)
        self.decoder.weight = self.encoder.weight
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)

    def forward(self, input, hidden=None):  # (T, N) -> (T, N, V)
        output, hidden = self.rnn(self.drop(self.encoder(input)), hidden)
        return self.decoder(self.drop(output)), hidden


class TransformerModel(nn.Module):
    def __init__(self, ntoken, width, layers, dropout, longest=256):
        super().__init__()
        self.encoder = nn.Embedding(ntoken, width)
        self.place = nn.Embedding(longest, width)
        layer = nn.TransformerEncoderLayer(width, 4, 2 * width, dropout)
        self.body = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.decoder = nn.Linear(width, ntoken)

    def forward(self, input, hidden=None):
        length = input.size(0)
        mask = nn.Transformer.generate_square_subsequent_mask(length, input.device)
        place = self.place(torch.arange(length, device=input.device)).unsqueeze(1)
        h = self.body(self.encoder(input) + place, mask=mask)
        return self.decoder(h), None


def batchify(ids, columns):
    """(T, N): ``columns`` stretches of the text side by side."""
    rows = len(ids) // columns
    return ids[: rows * columns].view(columns, rows).t().contiguous()


def detached(hidden):
    if hidden is None:
        return None
    return (
        tuple(h.detach() for h in hidden)
        if isinstance(hidden, tuple)
        else hidden.detach()
    )


@torch.no_grad()
def write(model, corpus, count, length, device, temperature=0.7):
    model.eval()
    window = torch.full((length, 1), corpus.word2idx["\n"], device=device)
    words = []
    for _ in range(count):
        logits, _ = model(window)
        token = torch.multinomial((logits[-1, 0] / temperature).softmax(0), 1)
        window = torch.cat([window[1:], token[None]])
        words.append(corpus.idx2word[token.item()])
    return re.sub(r" ([.,:;?!\n]) ?", r"\1 ", " ".join(words)).replace("\n ", "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kinds = ["LSTM", "GRU", "Transformer"]
    parser.add_argument("--model", default="LSTM", choices=kinds)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--bptt", type=int, default=20, help="words a step")
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--words", type=int, default=60, help="words to write")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=1111)
    parser.add_argument("--out", type=Path, default=Path("demo"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    corpus = Corpus(TEXT.read_text())
    data, ntoken = (
        batchify(corpus.ids.to(args.device), args.batch_size),
        len(corpus.idx2word),
    )
    size = (ntoken, args.width, args.layers, args.dropout)
    recurrent = args.model != "Transformer"
    model = RNNModel(args.model, *size) if recurrent else TransformerModel(*size)
    model.to(args.device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr)
    print(f"{len(corpus.ids)} words, {ntoken} different")
    starts = range(0, len(data) - args.bptt, args.bptt)
    for epoch in (bar := tqdm(range(args.epochs), unit="epoch")):
        model.train()
        hidden, total = None, 0.0
        for i in starts:
            x, y = data[i : i + args.bptt], data[i + 1 : i + 1 + args.bptt]
            optimizer.zero_grad()
            logits, hidden = model(x, detached(hidden))
            loss = criterion(logits.view(-1, ntoken), y.reshape(-1))
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.25)
            optimizer.step()
            total += loss.item()
        perplexity = math.exp(total / len(starts))
        bar.set_postfix(ppl=f"{perplexity:.1f}", refresh=False)
        if epoch == 0:
            print(f"perplexity {perplexity:.1f} after the first epoch")
    print(f"perplexity {perplexity:.1f} after the last")
    written = write(model, corpus, args.words, args.bptt, args.device)
    (args.out / "written.txt").write_text(written + "\n")
    print(written)


if __name__ == "__main__":
    main()
