#!/bin/sh
# Builds the documentation into .build-docs/Documentation.doccarchive; any warning, and any public declaration without
# documentation, is an error.
#
# Users import ConvNet and find the other modules' declarations in it, so its symbol graph is extracted with all of them.
set -eu
cd "$(dirname "$0")/.."

SWIFT=${SWIFT:-swift}
build=.build-docs
reexported=ConvNetFormats,ConvNetGraph,ConvNetEngine,ConvNetTraining,ConvNetVision,ConvNetZoo

tool() {
    if command -v xcrun >/dev/null; then xcrun "$@"; else "$@"; fi
}

for target in ConvNetRuns ConvNetTesting; do
    $SWIFT build --scratch-path $build -Xswiftc -DCONVNET_DOCUMENTATION --target $target
done
binaries=$($SWIFT build --scratch-path $build --show-bin-path)
triple=$($SWIFT -print-target-info | sed -n 's/.*"triple": "\(.*\)",/\1/p' | head -n 1)
sdk=$(if command -v xcrun >/dev/null; then xcrun --show-sdk-path; fi)

rm -rf $build/symbols $build/*.doccarchive
# The package's own modules in C.
maps=
for module in CFiles CHEIF CJPEG CKernels COneDNN CPNG CPixels CWebP; do
    maps="$maps -Xcc -fmodule-map-file=$binaries/$module.build/module.modulemap"
done
extract() {
    module=$1
    shift
    mkdir -p $build/symbols/"$module"
    tool swift-symbolgraph-extract -module-name "$module" -output-dir $build/symbols/"$module" \
        -minimum-access-level public -skip-protocol-implementations -emit-extension-block-symbols \
        -target "$triple" ${sdk:+-sdk "$sdk"} -I "$binaries/Modules" -I Sources/CZlib -I Sources/CLibPNG -I Sources/CLibJPEG \
        -I $build/checkouts/Yams/Sources/CYaml/include $maps "$@"
}
extract ConvNet -experimental-allowed-reexported-modules=$reexported
extract ConvNetRuns
extract ConvNetTesting
# DocC keeps silent about comments from other modules.
for module in $(echo $reexported | tr , ' '); do
    sed -i.bak "s/\"module\":\"$module\"/\"module\":\"ConvNet\"/g" $build/symbols/ConvNet/*.symbols.json
done
rm $build/symbols/ConvNet/*.bak

# Compiled apart from the package, which needs no such program.
tool swiftc -O Scripts/undocumented-symbols.swift -o $build/undocumented-symbols
$build/undocumented-symbols $build/symbols/*/*.symbols.json

# Parameters whose names say it all have no line of their own.
convert() {
    module=$1
    shift
    tool docc convert Sources/"$module"/"$module".docc --additional-symbol-graph-dir $build/symbols/"$module" \
        --fallback-display-name "$module" --fallback-bundle-identifier "swift-convnet.$module" \
        --output-path $build/"$module".doccarchive --warnings-as-errors --disable-parameters-and-returns-validation \
        --enable-experimental-external-link-support "$@"
    # What no topic lists ends up in a section that DocC makes up.
    page=$build/$module.doccarchive/data/documentation/$(echo "$module" | tr '[:upper:]' '[:lower:]').json
    if grep -q '"generated":true' "$page"; then
        echo "a declaration is in no topic group of $module.md; see $page" >&2
        exit 1
    fi
}
convert ConvNet
convert ConvNetRuns --dependency $build/ConvNet.doccarchive
convert ConvNetTesting --dependency $build/ConvNet.doccarchive
tool docc merge $build/ConvNet.doccarchive $build/ConvNetRuns.doccarchive $build/ConvNetTesting.doccarchive \
    --synthesized-landing-page-name swift-convnet --output-path $build/Documentation.doccarchive
echo "$build/Documentation.doccarchive"
