#!/usr/bin/env bash
# A hundred shares of a folder of photos, on as many machines as Slurm gives: sbatch deploy/slurm-array.sh photos out
#SBATCH --array=1-100
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --requeue
set -euo pipefail
photos=$1 out=$2
vunet render "$photos" poses/dancer.json "$out" --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --workers 2
