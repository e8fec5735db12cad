# What a newcomer types: make train, make test. The rest is what these are made of.

SWIFT := swift
RELEASE := $(SWIFT) build -c release --product convnet
# Numeric loops are a hundred times slower in debug builds, so tests run optimized.
TEST := $(SWIFT) test -c release -Xswiftc -enable-testing

# Debian's and Ubuntu's packages, and a file of each that tells whether it is there.
PACKAGES := \
	libdnnl-dev:/usr/include/oneapi/dnnl/dnnl.h \
	libpng-dev:/usr/include/png.h \
	zlib1g-dev:/usr/include/zlib.h \
	dataset-fashion-mnist:/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz

.PHONY: train test build deps lint format benchmark test-without-onednn test-onednn3 clean

# Trains LeNet-5 on Fashion-MNIST and prints its accuracy on the test images: less than a minute after the build.
train: build
	.build/release/convnet train --dataset fashion-mnist --model lenet5

build: deps
	$(RELEASE)

test: deps lint
	$(TEST) --scratch-path .build-test
	$(MAKE) test-without-onednn

# The package without oneDNN: a dnnl.h that refuses to be included stands first on the search path.
test-without-onednn: deps
	$(TEST) --scratch-path .build-off --disable-default-traits -Xcc -I$(CURDIR)/Tests/WithoutOneDNN

# The engine on oneDNN 3, which is installed into .venv-onednn3 for it.
test-onednn3: deps
	Scripts/test-onednn3.sh

lint:
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests Snippets

format:
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests Snippets

# Installs PyTorch into a virtual environment, lets it and convnet take turns, and writes Benchmarks/results.md.
benchmark: build
	Benchmarks/run.sh

# Installs what is missing; says how, and stops, where it can't. Does nothing the second time.
deps:
	@Scripts/install-dependencies.sh $(PACKAGES)

clean:
	rm -rf .build .build-test .build-off .build-3x
