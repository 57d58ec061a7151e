#!/usr/bin/env python3
"""Pretrains a random 15.2M LLaMA with libtorch on this machine's processors: what Caravan.Bench --training pretrain does, by a peer.

OMP_NUM_THREADS=2 GLIBC_TUNABLES=glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=4294967296 \
    /usr/bin/python3 bench/peers/torch_pretrain.py [rounds] [bf16]
Debian: python3-torch and libopenblas0-openmp (with the default BLAS it is many times slower).
"""
import resource, sys, time
import torch
import torch.nn.functional as F

HIDDEN, LAYERS, HEADS, INNER, VOCABULARY, BATCH, LENGTH = 288, 6, 6, 768, 32000, 8, 256


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class RmsNorm(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(HIDDEN))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        linear = lambda i, o: torch.nn.Linear(i, o, bias=False)
        self.norm1, self.norm2 = RmsNorm(), RmsNorm()
        self.q, self.k, self.v, self.o = (linear(HIDDEN, HIDDEN) for _ in range(4))
        self.gate, self.up, self.down = linear(HIDDEN, INNER), linear(HIDDEN, INNER), linear(INNER, HIDDEN)

    def forward(self, x, cos, sin, mask):
        n, t, _ = x.shape
        y = self.norm1(x)
        heads = lambda z: z.view(n, t, HEADS, HIDDEN // HEADS).transpose(1, 2)
        q, k, v = rotate(heads(self.q(y)), cos, sin), rotate(heads(self.k(y)), cos, sin), heads(self.v(y))
        scores = torch.matmul(q, k.transpose(-1, -2)) * (HIDDEN // HEADS) ** -0.5 + mask
        x = x + self.o(torch.matmul(scores.softmax(-1), v).transpose(1, 2).reshape(n, t, HIDDEN))
        y = self.norm2(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


class Llama(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(VOCABULARY, HIDDEN)
        torch.nn.init.normal_(self.embedding.weight, std=0.02)
        self.layers = torch.nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = RmsNorm()
        angles = torch.arange(LENGTH)[:, None] * 10000.0 ** (-torch.arange(0, HIDDEN // HEADS, 2) / (HIDDEN // HEADS))
        self.cos, self.sin = angles.cos(), angles.sin()
        self.mask = torch.full((LENGTH, LENGTH), float("-inf")).triu(1)

    def forward(self, tokens):
        x = self.embedding(tokens)
        for layer in self.layers:
            x = layer(x, self.cos, self.sin, self.mask)
        return F.linear(self.norm(x), self.embedding.weight)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    bf16 = "bf16" in sys.argv
    torch.manual_seed(1)
    model = Llama()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1)
    tokens = torch.randint(0, VOCABULARY, (BATCH, LENGTH + 1))
    times = []
    for step in range(rounds + 2):
        start = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss = F.cross_entropy(model(tokens[:, :-1]).view(-1, VOCABULARY).float(), tokens[:, 1:].reshape(-1))
        forward = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        backward = time.perf_counter()
        optimizer.step()
        end = time.perf_counter()
        if step > 1:
            times.append((end - start, forward - start, backward - forward, end - backward))
    median = [sorted(column)[len(times) // 2] for column in zip(*times)]
    print(f"libtorch {torch.__version__} {'bf16 autocast' if bf16 else 'f32'}, {torch.get_num_threads()} threads: {BATCH * LENGTH / median[0]:.0f} tok/s, "
          f"{median[0] * 1e3:.0f} ms a step = forward {median[1] * 1e3:.0f} + backward {median[2] * 1e3:.0f} + AdamW {median[3] * 1e3:.0f}, "
          f"loss {loss.item():.3f}, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


main()
