using Caravan.Kernels;

namespace Caravan.Bench;

/// <summary>What to measure.</summary>
internal sealed record Settings
{
    public int Threads { get; private init; } = Cpu.Cores;

    public int Rounds { get; private init; } = 7;

    public bool OnlyInt8 { get; private init; }

    public DType[] Types { get; private init; } = [DType.Q4_0, DType.Q8_0, DType.Q4_K, DType.Q6_K];

    public (int Outputs, int Inputs)[] Shapes { get; private init; } = [(2048, 2048), (5632, 2048), (2048, 5632), (32000, 2048)];

    public int[] Rows { get; private init; } = [1, 512];

    public InstructionSet[] Sets { get; private init; } = [Cpu.Best];

    /// <summary>prefill or decode; null measures linear layers.</summary>
    public string? Attention { get; private init; }

    /// <summary>A tokenizer's file; null measures kernels.</summary>
    public string? Grammars { get; private init; }

    public string? Model { get; private init; }

    /// <summary>pretrain; null measures kernels.</summary>
    public string? Training { get; private init; }

    /// <summary>Whether training computes layers again on the way back.</summary>
    public bool Recomputes { get; private init; }

    public AttentionShape[] Heads { get; private init; } = [Shape("32/4/64"), Shape("32/32/128")];

    public int[] Tokens { get; private init; } = [512, 2048];

    public static Settings Parse(string[] arguments)
    {
        Settings settings = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is "--only-int8" or "--recompute")
            {
                settings = arguments[i] == "--recompute" ? settings with { Recomputes = true } : settings with { OnlyInt8 = true };
                continue;
            }

            string[] values = arguments[i + 1].Split(',');
            settings = arguments[i++] switch
            {
                "--threads" => settings with { Threads = int.Parse(values[0]) },
                "--rounds" => settings with { Rounds = int.Parse(values[0]) },
                "--types" => settings with { Types = [.. values.Select(Enum.Parse<DType>)] },
                "--rows" => settings with { Rows = [.. values.Select(int.Parse)] },
                "--attention" => settings with { Attention = values[0] },
                "--grammars" => settings with { Grammars = values[0] },
                "--training" => settings with { Training = values[0] },
                "--model" => settings with { Model = values[0] },
                "--heads" => settings with { Heads = [.. values.Select(Shape)] },
                "--tokens" => settings with { Tokens = [.. values.Select(int.Parse)] },
                "--sets" => settings with { Sets = [.. values.Select(Enum.Parse<InstructionSet>)] },
                "--shapes" => settings with { Shapes = [.. values.Select(shape => shape.Split('x')).Select(pair => (int.Parse(pair[0]), int.Parse(pair[1])))] },
                string other => throw new ArgumentException($"'{other}' is not an option; see Program.cs."),
            };
        }

        return settings;
    }

    /// <summary>Heads, key heads and their size, as in 32/4/64.</summary>
    private static AttentionShape Shape(string text)
    {
        int[] numbers = [.. text.Split('/').Select(int.Parse)];
        return new AttentionShape(numbers[0], numbers[1], numbers[2], 1 / MathF.Sqrt(numbers[2]));
    }
}
