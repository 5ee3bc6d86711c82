#!/usr/bin/env bash
# No variables at all: versions are in addresses and formulae.

curl -fsSL https://nodejs.org/dist/v24.3.0/node-v24.3.0-darwin-arm64.tar.gz | tar xz
curl -fsSL https://github.com/oven-sh/bun/releases/download/bun-v1.2.17/bun-darwin-aarch64.zip -o bun.zip
brew install llvm@19 ninja
curl -fsSL https://github.com/Kitware/CMake/releases/download/v3.30.5/cmake-3.30.5-macos-universal.tar.gz | tar xz
curl -fsSL https://github.com/buildkite/agent/releases/download/v3.87.0/buildkite-agent-darwin-arm64-3.87.0.tar.gz | tar xz
