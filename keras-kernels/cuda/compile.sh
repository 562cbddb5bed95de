#!/usr/bin/env bash
# Compiles a file that uses kernels, for sm_80 and sm_90, each to PTX and to machine code in one fatbin. Warnings are errors.
#
#     keras-kernels/cuda/compile.sh FILE.cu OUT.fatbin
#
# nvcc comes from the virtual environment CUDA_VENV, target/cuda-venv of the workspace unless that is set; it is made here, with
# wheels of PyPI, NVRTC among them, if it is not there. No GPU is needed. Ends with 3 if there is no nvcc and none can be had, or
# no g++ that it needs.
set -euo pipefail
cuda=$(cd "$(dirname "$0")" && pwd)
venv=${CUDA_VENV:-$cuda/../../target/cuda-venv}

command -v g++ > /dev/null || { echo "nvcc needs g++" >&2; exit 3; }

nvcc() { echo "$venv"/lib/python3*/site-packages/nvidia/cu13/bin/nvcc; }

if [ ! -x "$(nvcc)" ]; then
    # Beside it and then renamed, so that what is there is whole. A virtual environment that has been moved still has its nvcc.
    beside=$venv.$$
    trap 'rm -rf "$beside"' EXIT
    wheels=()
    # CUDA 13.0, since later compilers write PTX that older drivers refuse.
    for part in nvcc crt runtime cccl nvrtc; do wheels+=("nvidia-cuda-$part==13.0.*"); done
    python3 -m venv "$beside" && "$beside/bin/pip" install --quiet "${wheels[@]}" 'nvidia-nvvm==13.0.*' || exit 3
    [ -e "$venv" ] || mv "$beside" "$venv"
fi

codes=()
for arch in 80 90; do codes+=(-gencode "arch=compute_$arch,code=[sm_$arch,compute_$arch]"); done
exec "$(nvcc)" -std=c++17 -I "$cuda" -Werror all-warnings -fatbin "${codes[@]}" "$1" -o "$2"
