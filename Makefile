# What a newcomer types: make train, make test. The rest is what these are made of.

SWIFT := swift
RELEASE := $(SWIFT) build -c release --product convnet
# Numeric loops are a hundred times slower in debug builds, so tests run optimized.
TEST := $(SWIFT) test -c release -Xswiftc -enable-testing --explicit-target-dependency-import-check error

# Debian's and Ubuntu's packages, and a file of each that tells whether it is there.
PACKAGES := \
	libdnnl-dev:/usr/include/oneapi/dnnl/dnnl.h \
	libpng-dev:/usr/include/png.h \
	libjpeg-dev:/usr/include/jpeglib.h \
	zlib1g-dev:/usr/include/zlib.h \
	libsqlite3-dev:/usr/include/sqlite3.h \
	dataset-fashion-mnist:/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz

# Package.swift looks for libwebp and libheif itself. SwiftPM remembers what came of that as long as the environment is the
# same.
export WEBP_HEADERS := $(wildcard /usr/include/webp/decode.h)
export HEIF_HEADERS := $(wildcard /usr/include/libheif/heif.h /usr/include/*/libheif/heif.h)

.PHONY: train test build deps lint format benchmark test-zoo test-avx2 test-without-onednn test-onednn3 \
	test-examples example example-without-onednn test-tensorboard check-all check-rest fuzz docs clean

# Trains LeNet-5 on Fashion-MNIST and prints its accuracy on the test images: less than a minute after the build.
train: build
	.build/release/convnet train --dataset fashion-mnist --model lenet5

build: deps
	$(RELEASE)

test: deps lint
	$(TEST) --scratch-path .build-test
	$(MAKE) test-without-onednn

# A training step of every network of the zoo, of the largest too: a quarter of an hour and 12 GB of memory.
test-zoo: deps
	CONVNET_WHOLE_ZOO=1 $(TEST) --scratch-path .build-test --filter ZooTrainingTests

# The engine's and the zoo's tests once more as a processor without AVX-512 runs them; on such a one it has been done.
AVX2 := CONVNET_INSTRUCTIONS=avx2 DNNL_MAX_CPU_ISA=AVX2 ONEDNN_MAX_CPU_ISA=AVX2
test-avx2: deps
	@if grep -q avx512dq /proc/cpuinfo; then set -x; \
		$(AVX2) $(TEST) --scratch-path .build-test --filter '^(OneDNNEngineTests|ConvNetZooTests)\.'; \
	else echo "test-avx2: this processor has no AVX-512, so make test was it"; fi

# The package without its traits, oneDNN and the index of runs: a dnnl.h that refuses to be included stands first on the search path. The tests are those of what is
# another thing then: the default engine, and what runs on it.
test-without-onednn: deps
	CONVNET_TESTS='ConvNetTests ConvNetZooTests ConvNetRunsTests ConvNetCommandTests' $(TEST) --scratch-path .build-off --disable-default-traits -Xcc -I$(CURDIR)/Tests/WithoutOneDNN

# The engine on oneDNN 3, which is installed into .venv-onednn3 for it.
test-onednn3: deps
	Scripts/test-onednn3.sh

# Feeds decoders and readers with broken files, a minute each, and all that reads files with tens of thousands of them: see the
# script.
fuzz: deps
	Scripts/fuzz.sh

# A package that depends on this one, of two programs: with oneDNN and without it one trains, saves, loads and checks what it has
# learnt; the other is an engine, of public declarations alone, that passes the conformance suite.
EXAMPLE := $(SWIFT) run -c release --package-path Examples
test-examples: example example-without-onednn
example: deps
	$(EXAMPLE) --scratch-path .build-example StripeClassifier
	$(EXAMPLE) --scratch-path .build-example TracingEngine
example-without-onednn: deps
	WITHOUT_ONEDNN=1 $(EXAMPLE) --scratch-path .build-example-off -Xcc -I$(CURDIR)/Tests/WithoutOneDNN StripeClassifier

# TensorBoard, which is installed into .venv-tensorboard for it, reads what a run has written; make test has built the command.
test-tensorboard: deps
	Scripts/test-tensorboard.sh

# All that continuous integration does, with what each step takes; check-rest is what comes behind make test. Builds that no test is
# timed beside go side by side: one alone leaves a third of two processors idle.
CHECKS := test-avx2 test-tensorboard test-onednn3 "-j2 -O example example-without-onednn docs"
check-all check-rest:
	@for step in $(if $(filter check-all,$@),test) $(CHECKS); do \
		start=$$(date +%s); $(MAKE) $$step || exit 1; echo "$$step: $$(( $$(date +%s) - start )) s"; done

# The documentation, as an archive for DocC's viewer: docc preview, or any web server.
docs: deps
	SWIFT="$(SWIFT)" Scripts/build-documentation.sh

SOURCES := Package.swift Sources Tests Snippets Examples Scripts Benchmarks
lint:
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)

format:
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

# Installs PyTorch, ONNX Runtime and OpenVINO into a virtual environment, lets them and convnet take turns, and writes
# Benchmarks/results.md: half an hour on two cores.
benchmark: build
	Benchmarks/run.sh

# Installs what is missing; says how, and stops, where it can't. Does nothing the second time.
deps:
	@Scripts/install-dependencies.sh $(PACKAGES)

clean:
	rm -rf .build .build-test .build-off .build-3x .build-docs .build-example .build-example-off .build-fuzz .build-defaults
