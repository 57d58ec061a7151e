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

    public static Settings Parse(string[] arguments)
    {
        Settings settings = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--only-int8")
            {
                settings = settings with { OnlyInt8 = true };
                continue;
            }

            string[] values = arguments[i + 1].Split(',');
            settings = arguments[i++] switch
            {
                "--threads" => settings with { Threads = int.Parse(values[0]) },
                "--rounds" => settings with { Rounds = int.Parse(values[0]) },
                "--types" => settings with { Types = [.. values.Select(Enum.Parse<DType>)] },
                "--rows" => settings with { Rows = [.. values.Select(int.Parse)] },
                "--sets" => settings with { Sets = [.. values.Select(Enum.Parse<InstructionSet>)] },
                "--shapes" => settings with { Shapes = [.. values.Select(shape => shape.Split('x')).Select(pair => (int.Parse(pair[0]), int.Parse(pair[1])))] },
                string other => throw new ArgumentException($"'{other}' is not an option; see Program.cs."),
            };
        }

        return settings;
    }
}
