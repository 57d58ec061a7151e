#!/usr/bin/env python3
"""LoRA (r = 8, all linears, one sequence of 128) by Caravan over a quantized model and by libtorch in bf16, in turn: tokens/s of whole steps, peak memory.

bench/peers/lora_in_turn.py MODEL.gguf [ROUNDS]     MODEL: TinyLlama-1.1B's shape in Q4_0; Debian: python3-torch and libopenblas0-openmp
"""
import json, os, pathlib, re, statistics, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
CARAVAN = os.environ.get("CARAVAN", str(HERE.parent.parent / "caravan"))
STEPS, SKIPPED = 12, 2  # the first steps compile and touch memory for the first time
TUNING = "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=4294967296"


def run(command, **environment):
    """Output and peak memory in GB of a command."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | environment) as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(output)
    return output, usage.ru_maxrss / 1e6


def caravan(model, folder):
    text = pathlib.Path(folder, "text.jsonl")
    text.write_text(json.dumps({"text": " ".join(f"The number {i} comes before {i + 1}, and twice {i} is {2 * i}." for i in range(2000))}) + "\n")
    run_folder = pathlib.Path(folder, "run")
    options = "--method pretrain --context 128 --tokens-per-batch 128 --micro-batch-tokens 128 --precision int8 --adapter lora --adapter.rank 8 --schedule constant"
    _, memory = run([CARAVAN, "train", "--model", model, "--data", str(text), "--output", str(run_folder), "--steps", str(STEPS), *options.split()])
    steps = [json.loads(line) for line in run_folder.joinpath("metrics.jsonl").read_text().splitlines()][SKIPPED:]
    return statistics.median(step["tokens"] / step["seconds"] for step in steps), memory


def libtorch():
    output, memory = run(["/usr/bin/python3", str(HERE / "torch_lora.py"), "3"], OMP_NUM_THREADS="2", GLIBC_TUNABLES=TUNING)
    return float(re.search(r"([\d.]+) tok/s", output)[1]), memory


ratios = []
for i in range(int(sys.argv[2]) if len(sys.argv) > 2 else 3):
    with tempfile.TemporaryDirectory() as folder:
        ours, our_memory = caravan(sys.argv[1], folder)
    theirs, their_memory = libtorch()
    ratios.append(ours / theirs)
    print(f"round {i + 1}: Caravan {ours:.1f} tok/s in {our_memory:.2f} GB; libtorch {theirs:.1f} tok/s in {their_memory:.2f} GB; ratio {ratios[-1]:.2f}", flush=True)
print(f"median ratio {statistics.median(ratios):.2f}")
