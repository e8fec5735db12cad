#!/bin/sh
# Feeds the decoders and the readers of datasets with broken files, for so many seconds each, and then all that reads files with
# tens of thousands that were tampered with:
#
#   Scripts/fuzz.sh [SECONDS]
#
# Starts from the files in Tests/Fuzz/Seeds. What makes one crash, hang or use too much memory is left in .build-fuzz, and
# belongs among the seeds once it has been mended.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
build=$PWD/.build-fuzz
mkdir -p "$build/modules"

# Runs a compiler; the linker remarks on symbols of the sanitizer, hundreds of them.
compile() {
    "$@" 2>"$build/messages" || { grep -v "Cannot export local symbol" "$build/messages" >&2; return 1; }
}

for target in jpeg:CJPEG:-ljpeg png:CPNG:-lpng; do
    name=${target%%:*} rest=${target#*:}
    module=${rest%%:*} library=${rest#*:}
    compile clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -ISources/$module/include \
        Tests/Fuzz/$name.c Sources/$module/*.c $library -o "$build/$name"
done

# The Swift modules, with the C modules that they import.
includes="-I Sources/CZlib -I $build/modules"
for module in CFiles CHEIF CJPEG CPNG CPixels CWebP; do
    mkdir -p "$build/modules/$module"
    includes="$includes -I $build/modules/$module"
    echo "module $module { header \"$PWD/Sources/$module/include/$module.h\" export * }" \
        >"$build/modules/$module/module.modulemap"
    for file in Sources/$module/*.c; do
        clang -g -O1 -fsanitize=fuzzer-no-link,address -ISources/$module/include -c "$file" \
            -o "$build/$module-$(basename "$file" .c).o"
    done
done
options="-swift-version 6 -package-name swift-convnet -O -g -whole-module-optimization -sanitize=fuzzer,address $includes"
# Splitting words is meant, here and below: no option or file name has a space.
# shellcheck disable=SC2086
swift() { compile swiftc $options "$@"; }
for module in ConvNetPages ConvNetGraph ConvNetEngine ConvNetTraining ConvNetVision; do
    # shellcheck disable=SC2046
    swift -parse-as-library -module-name $module -emit-module -emit-module-path "$build/modules/$module.swiftmodule" \
        -c $(find Sources/$module -name '*.swift' | sort) -o "$build/$module.o"
done
for name in images readers; do
    swift -parse-as-library -module-name Fuzz Tests/Fuzz/$name.swift "$build"/*.o -ljpeg -lpng -lz -o "$build/$name"
done

for name in jpeg png images readers; do
    mkdir -p "$build/corpus-$name"
    echo "== $name"
    "$build/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=8192 -print_final_stats=1 \
        -artifact_prefix="$build/$name-" "$build/corpus-$name" Tests/Fuzz/Seeds/$name >"$build/$name.log" 2>&1 \
        || { tail -40 "$build/$name.log"; exit 1; }
    grep -E "^Done|cov:|number_of_executed_units|peak_rss_mb" "$build/$name.log" | tail -4
done

# Tests, as models, checkpoints and what else a run leaves are made by the library. What is held when the process ends is no leak;
# an allocation that is a little larger than the largest picture, and a size that only all of them together reach, are faults.
echo "== tampered files"
ASAN_OPTIONS=detect_leaks=0:max_allocation_size_mb=1200:hard_rss_limit_mb=4096 CONVNET_TAMPER=$build/tampered \
    command swift test -c release -Xswiftc -enable-testing --sanitize address --scratch-path "$build/package" \
    --filter TamperTests
