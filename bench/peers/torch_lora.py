#!/usr/bin/env python3
"""LoRA (r = 8, all seven matrices of a layer) on random weights of TinyLlama-1.1B's shape with libtorch: what caravan train --adapter lora does over Q4_0.

OMP_NUM_THREADS=2 GLIBC_TUNABLES=glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=4294967296 \
    /usr/bin/python3 bench/peers/torch_lora.py [rounds] [f32]
Debian: python3-torch and libopenblas0-openmp. The type is bf16 without f32.
"""
import resource, sys, time
import torch
import torch.nn.functional as F

HIDDEN, LAYERS, HEADS, KEY_HEADS, INNER, VOCABULARY, LENGTH, RANK = 2048, 22, 32, 4, 5632, 32000, 128, 8
TYPE = torch.float32 if "f32" in sys.argv else torch.bfloat16


def weights(rows, columns):
    """Random numbers that repeat: a billion new ones would take longer than the measurement."""
    return torch.empty(256, columns, dtype=TYPE).uniform_(-0.03, 0.03).repeat((rows + 255) // 256, 1)[:rows].contiguous()


class Lora(torch.nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = torch.nn.Parameter(weights(outputs, inputs), requires_grad=False)
        self.a = torch.nn.Parameter(torch.randn(RANK, inputs, dtype=TYPE) * 0.02)
        self.b = torch.nn.Parameter(torch.zeros(outputs, RANK, dtype=TYPE))

    def forward(self, x):
        return F.linear(x, self.weight) + 2 * F.linear(F.linear(x, self.a), self.b)


def norm(x):
    return (x.float() * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + 1e-5)).to(x.dtype)


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        size = HIDDEN // HEADS
        self.q, self.k, self.v, self.o = Lora(HIDDEN, HIDDEN), Lora(HIDDEN, KEY_HEADS * size), Lora(HIDDEN, KEY_HEADS * size), Lora(HIDDEN, HIDDEN)
        self.gate, self.up, self.down = Lora(HIDDEN, INNER), Lora(HIDDEN, INNER), Lora(INNER, HIDDEN)

    def forward(self, x, cos, sin, mask):
        size, y = HIDDEN // HEADS, norm(x)
        heads = lambda z: z.view(LENGTH, -1, size).transpose(0, 1)
        q, k = rotate(heads(self.q(y)), cos, sin), rotate(heads(self.k(y)), cos, sin).repeat_interleave(HEADS // KEY_HEADS, 0)
        v = heads(self.v(y)).repeat_interleave(HEADS // KEY_HEADS, 0)
        scores = torch.matmul(q, k.transpose(-1, -2)) * size ** -0.5 + mask
        x = x + self.o(torch.matmul(scores.softmax(-1), v).transpose(0, 1).reshape(LENGTH, HIDDEN))
        y = norm(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    torch.manual_seed(1)
    embedding, head = weights(VOCABULARY, HIDDEN), weights(VOCABULARY, HIDDEN)
    layers = [Layer() for _ in range(LAYERS)]
    angles = torch.arange(LENGTH)[:, None] * 10000.0 ** (-torch.arange(0, 64, 2) / 64)
    cos, sin = angles.cos().to(TYPE), angles.sin().to(TYPE)
    mask = torch.full((LENGTH, LENGTH), float("-inf"), dtype=TYPE).triu(1)
    optimizer = torch.optim.AdamW([p for layer in layers for p in layer.parameters() if p.requires_grad], lr=1e-4)
    tokens = torch.randint(0, VOCABULARY, (LENGTH + 1,))
    times = []
    for step in range(rounds + 1):
        start = time.perf_counter()
        x = F.embedding(tokens[:-1], embedding)
        for layer in layers:
            x = layer(x, cos, sin, mask)
        loss = F.cross_entropy(F.linear(norm(x), head).float(), tokens[1:])
        forward = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        backward = time.perf_counter()
        optimizer.step()
        end = time.perf_counter()
        if step > 0:
            times.append((end - start, forward - start, backward - forward, end - backward))
    median = [sorted(column)[len(times) // 2] for column in zip(*times)]
    print(f"libtorch {torch.__version__} {TYPE}, {torch.get_num_threads()} threads: {LENGTH / median[0]:.1f} tok/s, {median[0] * 1e3:.0f} ms a step = "
          f"forward {median[1] * 1e3:.0f} + backward {median[2] * 1e3:.0f} + AdamW {median[3] * 1e3:.0f}, loss {loss.item():.3f}, "
          f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


main()
