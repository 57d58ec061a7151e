#!/usr/bin/env bash
# Teaches caravan-tiny from nothing: data, tokenizer, pretraining, fine-tuning, preferences, the GGUF file and its figures.
# run.sh [FOLDER]: everything is written there (default: ./taught). What is there already is not made again, and a run that was stopped goes on.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
caravan=${CARAVAN:-$here/../../caravan}
mkdir -p "${1:-taught}"
cd "${1:-taught}"

# make FILE COMMAND...: runs the command unless the file is there.
make() {
  local file=$1
  shift
  [ -e "$file" ] || "$@"
}

train() {
  [ -e "runs/$1/model" ] && return
  if [ -e "runs/$1/run.json" ]; then "$caravan" train "runs/$1" --resume; else "$caravan" train "$here/$1.yaml"; fi
}

make texts.jsonl "$caravan" data synth --text --count 60000 --seed 2 --output texts.jsonl
make texts-held-out.jsonl "$caravan" data synth --text --count 400 --seed 3 --split held-out --output texts-held-out.jsonl
make conversations.jsonl "$caravan" data synth --count 400000 --seed 1 --output conversations.jsonl
make conversations-held-out.jsonl "$caravan" data synth --count 1000 --seed 4 --split held-out --output conversations-held-out.jsonl
make exam.jsonl "$caravan" data synth --count 4000 --seed 5 --split held-out --output exam.jsonl
make start "$caravan" data tokenizer conversations.jsonl texts.jsonl --vocabulary 4096 --output start
cp "$here/config.json" start/

train pretrain
train sft
make own.jsonl "$caravan" data synth --skills context,arithmetic,lists,tools,json --count 3600 --seed 6 --output own.jsonl
make pairs.jsonl "$caravan" eval skills own.jsonl --model runs/sft/model --answers 4 --temperature 1 --seed 7 --pairs pairs.jsonl
train dpo

"$caravan" convert runs/dpo/model caravan-tiny.gguf --type q8_0
"$caravan" eval skills exam.jsonl --model caravan-tiny.gguf --limit 400
"$caravan" eval skills exam.jsonl --model caravan-tiny.gguf --limit 400 --constrain
