#!/usr/bin/env bash
# Shows that things are learnt and not only computed: short runs on caravan-tiny, each with its figures.
# run.sh [NAME...]: overfit adapters dpo ppo mezo ada_lora unlearn (default: all). Everything is written to ./learning; a run that is there is not made again.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
caravan=${CARAVAN:-$here/../../caravan}
mkdir -p learning
cd learning

# train NAME OPTIONS...: a run in the folder NAME.
train() {
  local name=$1
  shift
  [ -e "$name/model" ] || [ -e "$name/adapter" ] || "$caravan" train --output "$name" "$@" >"$name.log" 2>&1 || { cat "$name.log"; exit 1; }
}

# synth FILE OPTIONS...: samples.
synth() {
  local file=$1
  shift
  [ -e "$file" ] || "$caravan" data synth --output "$file" "$@" >/dev/null
}

# loss FILE OPTIONS...: the loss of samples, in nats a token.
loss() { "$caravan" eval loss "$@" --json | sed -n 's/.*"loss": *\([-0-9.eE+]*\).*/\1/p'; }

# values RUN FIELD: a figure of every step (or evaluation) of a run, one a line.
values() { sed -n "s/.*\"$2\":\([-0-9.eE+]*\).*/\1/p" "$1/metrics.jsonl"; }

# held RUN FIELD: the last figure of held-out data.
held() { sed -n "s/.*\"evaluation\":{\(.*\)}}.*/\1/p" "$1/metrics.jsonl" | sed -n "s/.*\"$2\":\([-0-9.eE+]*\).*/\1/p" | tail -n 1; }

mean() { awk '{ sum += $1 } END { printf "%.4f\n", sum / NR }'; }

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'; }

base() { [ -e base ] || "$caravan" convert caravan-tiny base --type f32 >/dev/null; }

# A small task that the model does not know: the log of a ship, of which numbers and words cannot be foreseen. These are words it knows, since adapters leave embeddings as they are.
logs() {
  local cities=(Berlin Paris London Rome Oslo Lisbon Athens Dublin) goods=(salt silk wool glass honey cheese rice tea) weather=(rain snow wind sun)
  RANDOM=$2
  for ((i = 0; i < $1; i++)); do
    printf '{"messages": [{"role": "user", "content": "What does the log of the ship say?"}, {"role": "assistant", "content": "Day %d: we left %s for %s with %d boxes of %s. There was %s in the morning and %s at night."}]}\n' \
      $((RANDOM % 100)) "${cities[RANDOM % 8]}" "${cities[RANDOM % 8]}" $((RANDOM % 100)) "${goods[RANDOM % 8]}" "${weather[RANDOM % 4]}" "${weather[RANDOM % 4]}"
  done >"$3"
}

overfit() {
  synth 64.jsonl --count 64 --seed 91
  train overfit --model caravan-tiny --output-type f32 --method sft --data 64.jsonl --steps 120 --batch-size 64 --optimizer adamw --schedule.rate 1e-3 --schedule.warmup-steps 5
  echo "overfit: SFT on 64 conversations, loss $(loss 64.jsonl --model caravan-tiny) before, $(loss 64.jsonl --model overfit/model) after (asked: below 0.02)"
}

adapters() {
  base
  logs 800 1 logs.jsonl
  logs 200 2 logs-held-out.jsonl
  local task=(--model base --method sft --data logs.jsonl --evaluation-data logs-held-out.jsonl --evaluate-every 50 --steps 150 --tokens-per-batch 2048 --schedule cosine --schedule.warmup-steps 10)
  local lora=(--adapter lora --adapter.rank 8 --adapter.alpha 16 --schedule.rate 1e-2)
  train full "${task[@]}" --schedule.rate 1e-3
  train lora "${task[@]}" "${lora[@]}"
  train qlora-nf4 "${task[@]}" "${lora[@]}" --base-type nf4
  train qlora-q4_0 "${task[@]}" "${lora[@]}" --base-type q4_0
  local full name
  full=$(held full loss)
  echo "adapters: held-out loss $(loss logs-held-out.jsonl --model base) before, $full by full fine-tuning (asked of the others: at most 1.05 times as much)"
  for name in lora qlora-nf4 qlora-q4_0; do
    echo "adapters: $name $(held $name loss), $(ratio "$(held $name loss)" "$full") of full"
  done
}

dpo() {
  synth own.jsonl --skills context,lists,json --count 800 --seed 92
  [ -e pairs.jsonl ] || "$caravan" eval skills own.jsonl --model caravan-tiny --answers 4 --temperature 1 --seed 3 --pairs pairs.jsonl >dpo-pairs.log
  train dpo --model caravan-tiny --output-type f32 --method dpo --data pairs.jsonl --evaluation-fraction 0.25 --epochs 2 --batch-size 8 --evaluate-every 10 \
    --schedule.rate 5e-5 --schedule.warmup-ratio 0.1
  echo "dpo: of $(wc -l <pairs.jsonl) pairs a quarter is held out; there margin 0 before, $(held dpo reward_margin) after, win rate $(held dpo reward_accuracy)"
}

ppo() {
  synth talk.jsonl --skills talk --count 600 --seed 93
  train ppo --model caravan-tiny --output-type f32 --method ppo --data talk.jsonl --steps 480 --batch-size 32 --ppo.rollouts.max-tokens 48 --ppo.rollouts.together 32 \
    --ppo.rewards '[{kind: regex, text: "!"}]' --ppo.kl-coefficient 0.1 --schedule.rate 5e-5 --schedule constant
  echo "ppo: share of answers with an exclamation mark $(values ppo reward | head -n 5 | mean) in the first rounds, $(values ppo reward | tail -n 5 | mean) in the last; divergence from the reference $(values ppo divergence | tail -n 5 | mean) nats an answer"
}

mezo() {
  base
  logs 800 1 logs.jsonl
  local task=(--model base --method sft --data logs.jsonl --tokens-per-batch 1024 --micro-batch-tokens 1024)
  train mezo "${task[@]}" --steps 120 --optimizer mezo --schedule.rate 3e-4 --schedule constant
  train mezo-adamw "${task[@]}" --steps 20 --schedule.rate 1e-3
  echo "mezo: loss $(values mezo loss | head -n 10 | mean) in the first 10 steps, $(values mezo loss | tail -n 10 | mean) in the last 10 of 120"
  for name in mezo mezo-adamw; do
    "$caravan" train --output none "${task[@]}" --steps 1 $([ $name = mezo ] && echo --optimizer mezo) --explain --json | tr -d '\n ' | sed 's/.*"bytes":{\([^}]*\)}.*/'"$name"': bytes of \1\n/' | tr -d '"'
  done
}

ada_lora() {
  base
  logs 800 1 logs.jsonl
  train ada_lora --model base --method sft --data logs.jsonl --steps 150 --tokens-per-batch 2048 --adapter ada_lora --adapter.first-rank 12 --adapter.rank 6 \
    --adapter.budget-warm-up 20 --adapter.budget-settled 40 --adapter.budget-every 5 --schedule.rate 1e-2 --schedule.warmup-steps 10
  echo "ada_lora: rank $("$caravan" adapter info ada_lora/adapter --json | tr -d '\n ' | sed 's/.*"directions":\[\([^]]*\)\].*/\1/' | tr ',' '\n' | sort -n | uniq -c | awk '{ printf "%s%d in %d layers", (NR > 1 ? ", " : ""), $2, $1 }')"
}

# By SGD: Adam makes whole steps of gradients near zero, so that the rest, which is known, drifts.
unlearn() {
  synth forget.jsonl --skills stories --count 48 --seed 94
  synth retain.jsonl --skills arithmetic,context,json,tools,lists,talk --count 2000 --seed 95
  synth rest.jsonl --skills arithmetic,context,json,tools,lists,talk --count 300 --split held-out --seed 96
  train unlearn --model caravan-tiny --output-type f32 --method unlearning --data forget.jsonl --unlearning.retain retain.jsonl --steps 120 --batch-size 8 \
    --optimizer sgd --schedule.rate 0.04 --schedule.warmup-steps 5
  for file in forget rest; do
    local before after
    before=$(loss $file.jsonl --model caravan-tiny) after=$(loss $file.jsonl --model unlearn/model)
    echo "unlearn: loss of $([ $file = forget ] && echo "what is forgotten" || echo "the rest, held out") $before before, $after after ($(ratio "$after" "$before"))"
  done
}

[ $# -gt 0 ] || set -- overfit adapters dpo ppo mezo ada_lora unlearn
for name in "$@"; do "$name"; done
