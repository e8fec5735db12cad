import CommandTestSupport
import Testing

/// Every option that takes a number, with numbers that it does not take.
@Suite struct NumberRangeTests {
    private static let train = ["train", "--dataset", "data", "--model", "convnet4", "--threads", "1", "--out", "run"]

    @Test(arguments: [
        ("--epochs=0", "epochs must be at least 1, received 0"),
        ("--epochs=-1", "epochs must be at least 1, received -1"),
        ("--epochs=9223372036854775807", "epochs must be 1 to 1000000, received 9223372036854775807"),
        ("--batch-size=0", "the batch size must be at least 1, received 0"),
        ("--batch-size=-1", "the batch size must be at least 1, received -1"),
        ("--batch-size=9223372036854775807", "the batch size must be 1 to 65536, received 9223372036854775807"),
        ("--learning-rate=0", "the learning rate must be above 0 and finite, received 0.0"),
        ("--learning-rate=-1", "the learning rate must be above 0 and finite, received -1.0"),
        ("--learning-rate=nan", "the learning rate must be above 0 and finite, received nan"),
        ("--learning-rate=inf", "the learning rate must be above 0 and finite, received inf"),
        ("--learning-rate=1e400", "the learning rate must be above 0 and finite, received inf"),
        ("--momentum=-0.1", "momentum must be at least 0 and below 1, received -0.1"),
        ("--momentum=1", "momentum must be at least 0 and below 1, received 1.0"),
        ("--momentum=nan", "momentum must be at least 0 and below 1, received nan"),
        ("--weight-decay=-1", "weight decay must be 0 or more, received -1.0"),
        ("--weight-decay=1e400", "weight decay must be 0 or more, received inf"),
        ("--weight-decay=1e39", "weight decay must be 0 or more, received inf"),
        ("--momentum=1e39", "momentum must be at least 0 and below 1, received inf"),
        ("--label-smoothing=-1", "label smoothing must be 0 to 1, received -1.0"),
        ("--label-smoothing=1.5", "label smoothing must be 0 to 1, received 1.5"),
        ("--label-smoothing=nan", "label smoothing must be 0 to 1, received nan"),
        ("--warmup=-1", "the warm-up must be 0 epochs or more, received -1.0"),
        ("--warmup=inf", "the warm-up must be 0 epochs or more, received inf"),
        ("--warmup=nan", "the warm-up must be 0 epochs or more, received nan"),
        ("--validation=1", "the validation share must be at least 0 and below 1, received 1.0"),
        ("--validation=-1", "the validation share must be at least 0 and below 1, received -1.0"),
        ("--validation=nan", "the validation share must be at least 0 and below 1, received nan"),
        ("--test=1", "the test share must be at least 0 and below 1, received 1.0"),
        ("--test=-1", "the test share must be at least 0 and below 1, received -1.0"),
        ("--test=nan", "the test share must be at least 0 and below 1, received nan"),
        (
            "--test=0.95",
            "the shares for validation and test, 0.05 and 0.95, must leave some images to train on"
        ),
        ("--test=0.5", "data has a test part of its own; leave out the test share"),
        ("--seed=-1", "The value '-1' is invalid for '--seed <seed>'"),
        ("--seed=18446744073709551616", "The value '18446744073709551616' is invalid for '--seed <seed>'"),
        ("--threads=0", "--threads must be 1 to 1024, received 0"),
        ("--threads=1025", "--threads must be 1 to 1024, received 1025"),
        ("--schedule=step:0", "the step schedule must step every 1 epoch or more, received 0"),
        ("--schedule=step:1:0", "the step schedule's factor must be above 0, received 0.0"),
        ("--schedule=step:1:nan", "the step schedule's factor must be above 0, received nan"),
        (
            "--schedule=step:9223372036854775807",
            "the step schedule must step every 1 to 1000000 epochs, received 9223372036854775807"
        ),
        ("--schedule=cosine:2", "the cosine schedule's final factor must be 0 to 1, received 2.0"),
        ("--schedule=linear:2", "the linear schedule's final factor must be 0 to 1, received 2.0"),
        ("--schedule=plateau:1", "the plateau schedule's factor must be between 0 and 1, received 1.0"),
        ("--warmup=100", "the warm-up must be shorter than the run of 100 epochs, received 100.0 epochs"),
        ("--clip-norm=0", "the limit of gradient clipping must be above 0, received 0.0"),
        ("--clip-value=nan", "the limit of gradient clipping must be above 0, received nan"),
        ("--accumulate=0", "a batch of 64 can be computed in 1 to 64 parts, received 0"),
        ("--average=1", "the decay of the weights' average must be at least 0 and below 1, received 1.0"),
        ("--patience=0", "early stopping needs a patience of at least 1 epoch, received 0"),
        ("--class-weights=1,-1,1", "class weights must be 0 or more, received -1.0"),
        ("--schedule=cosine:nan", "the cosine schedule's final factor must be 0 to 1, received nan"),
    ])
    func trainRefuses(option: String, sentence: String) async throws {
        try await Workplace.withDataset().expect(Self.train + [option], failsWith: sentence)
    }

    @Test(arguments: ["epochs", "batch-size", "threads", "seed"], ["nan", "inf", "1e400", "1.5", "many"])
    func whatIsNoWholeNumberIsRefused(option: String, value: String) async throws {
        try await Workplace.withDataset().expect(
            Self.train + ["--\(option)=\(value)"],
            failsWith: "The value '\(value)' is invalid for '--\(option) <\(option)>'")
    }

    @Test(arguments: ["learning-rate", "momentum", "weight-decay", "label-smoothing", "warmup", "validation", "test"])
    func whatIsNoNumberIsRefused(option: String) async throws {
        let place = try Workplace.withDataset()
        try await place.expect(
            Self.train + ["--\(option)=much"], failsWith: "The value 'much' is invalid for '--\(option) <\(option)>'")
        try await place.expect(Self.train + ["--\(option)="], failsWith: "Missing value for '--\(option) <\(option)>'")
    }

    @Test(arguments: [
        (["predict", "m.safetensors", "a.png", "--top=0"], "--top must be at least 1, received 0"),
        (["predict", "m.safetensors", "a.png", "--top=-9"], "--top must be at least 1, received -9"),
        (["predict", "m.safetensors", "a.png", "--top=five"], "The value 'five' is invalid for '--top <top>'"),
        (["verify", "m.safetensors", "--tolerance=-1"], "--tolerance must be 0 or more, received -1.0"),
        (["verify", "m.safetensors", "--tolerance=nan"], "--tolerance must be 0 or more, received nan"),
        (["verify", "m.safetensors", "--tolerance=low"], "The value 'low' is invalid for '--tolerance <tolerance>'"),
        (["benchmark", "lenet5", "--batch-size=0"], "--batch-size must be 1 to 65536, received 0"),
        (["benchmark", "lenet5", "--batch=65537"], "--batch-size must be 1 to 65536, received 65537"),
        (["benchmark", "lenet5", "--seconds=-1"], "--seconds must be 0 to 3600, received -1.0"),
        (["benchmark", "lenet5", "--seconds=nan"], "--seconds must be 0 to 3600, received nan"),
        (["benchmark", "lenet5", "--seconds=inf"], "--seconds must be 0 to 3600, received inf"),
        (["benchmark", "lenet5", "--seconds=1e400"], "--seconds must be 0 to 3600, received inf"),
        (["benchmark", "lenet5", "--threads=0"], "--threads must be 1 to 1024, received 0"),
        (["summary", "lenet5", "--classes=0"], "--classes must be at least 1, received 0"),
        (
            ["summary", "lenet5", "--classes=9223372036854775807"],
            "lenet5 cannot be built for images of 1×28×28 in 9223372036854775807 classes: "
                + "layer 11: the output 9223372036854775807 has more than 2147483647 elements (2³¹ − 1)"
        ),
    ])
    func otherSubcommandsRefuse(arguments: [String], sentence: String) async throws {
        try await Workplace().expect(arguments, failsWith: sentence)
    }

    @Test(arguments: ["1x28", "1x28x28x1", "0x28x28", "1x-28x28", "1xx28x28", "x1x28x28", "axbxc", "1.5x28x28", ""])
    func shapesThatAreNoneAreRefused(shape: String) async throws {
        let place = try Workplace()
        let sentence =
            shape.isEmpty
            ? "Missing value for '--input <input>'"
            : "--input is CxHxW with sizes of at least 1, e.g. 3x224x224, received '\(shape)'"
        for command in ["summary", "benchmark"] {
            try await place.expect([command, "lenet5", "--input=\(shape)"], failsWith: sentence)
        }
    }

    @Test(arguments: [
        ("1x8x8", "layer 3: a 5×5 kernel does not fit a 4×4 input with padding 0"),
        ("1x46340x46340", "layer 0: the output 6×46340×46340 has more than 2147483647 elements (2³¹ − 1)"),
    ])
    func imagesThatANetworkCannotTakeAreRefused(shape: String, problem: String) async throws {
        try await Workplace().expect(
            ["summary", "lenet5", "--input", shape],
            failsWith:
                "lenet5 cannot be built for images of \(shape.replacing("x", with: "×")) in 10 classes: \(problem)")
    }

    @Test func theLargestSeedIsTaken() async throws {
        let place = try Workplace.withDataset()
        let outcome = try await place.run(Workplace.training(epochs: 1, ["--seed", "18446744073709551615"]))
        #expect(outcome.ending == .exit(0))
        #expect(try place.text("run/config.yaml").contains("\nseed: 18446744073709551615\n"))
    }
}
