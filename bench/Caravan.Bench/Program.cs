using Caravan.Kernels;

namespace Caravan.Bench;

/// <summary>
/// <c>Caravan.Bench [--threads N] [--types Q4_0,Q8_0,…] [--shapes 2048x2048,…] [--rows 1,512] [--sets Avx512,Avx2] [--rounds N]</c>:
/// linear layers of TinyLlama-1.1B's shapes, weights decoded to float beside integer products, each pair in one run, medians.
/// <c>--attention prefill|decode [--heads 32/4/64,32/32/128] [--tokens 512,2048] [--types F16,…]</c>: attention over pages instead.
/// <c>--training pretrain|frozen [--recompute]</c>: steps of training; see <see cref="PretrainReport"/> and <see cref="FrozenReport"/> (with <c>--model</c> and <c>--tokens</c>).
/// <c>--grammars VOCABULARY [--model FILE]</c>: what grammars cost a token; see <see cref="GrammarReport"/>.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        Settings settings = Settings.Parse(arguments);
        if (settings.Grammars is { } vocabulary)
        {
            GrammarReport.Print(vocabulary, settings.Model, settings.Rounds);
            return 0;
        }

        if (settings.Training is not null)
        {
            if (settings.Training == "frozen") FrozenReport.Print(settings);
            else PretrainReport.Print(settings);
            return 0;
        }

        using WorkerPool workers = new(settings.Threads);
        Console.WriteLine($"{settings.Threads} threads, {DateTime.UtcNow:yyyy-MM-dd HH:mm}, {settings.Rounds} rounds, medians (best: of all rounds); rate: GB/s of weights for 1 to 8 rows, else GFLOP/s; limit: what the machine read, or multiplied and added, in the same rounds");
        using MachineSpeed machine = new(workers);
        if (settings.Attention is { } mode)
        {
            AttentionReport.Print(machine, workers, settings, mode == "decode");
            return 0;
        }

        Console.WriteLine("set     type  outputs x inputs  rows   exact ms    int8 ms   ratio       rate   of limit      best   fork/join ns   read GB/s   peak GFLOP/s");
        foreach (InstructionSet set in settings.Sets)
        {
            using KernelSet kernels = KernelSet.For(set, workers);
            foreach (DType type in settings.Types)
                foreach ((int outputs, int inputs) in settings.Shapes)
                    foreach (int rows in settings.Rows) Report(machine, new LinearBench(kernels, type, outputs, inputs, rows), set, settings);
        }

        return 0;
    }

    private static void Report(MachineSpeed machine, LinearBench bench, InstructionSet set, Settings settings)
    {
        using (bench)
        {
            double[] peak = new double[settings.Rounds];
            double[] exact = new double[settings.Rounds], integer = new double[settings.Rounds], fork = new double[settings.Rounds], read = new double[settings.Rounds];
            for (int round = 0; round < settings.Rounds; round++)
            {
                fork[round] = machine.RegionSeconds();
                read[round] = machine.ReadBytesPerSecond() / 1e9;
                peak[round] = machine.MultiplyAddsPerSecond() / 1e9;
                if (!settings.OnlyInt8) exact[round] = bench.Time(ActivationPrecision.Exact);
                integer[round] = IsPlain(bench.Type) ? exact[round] : bench.Time(ActivationPrecision.Int8);
            }

            double seconds = Median(integer), rate = bench.Rows <= 8 ? bench.WeightBytes / seconds / 1e9 : bench.Operations / seconds / 1e9;
            double best = rate * seconds / integer.Min();
            string share = $"{rate / Median(bench.Rows <= 8 ? read : peak),9:P0}";
            Console.WriteLine(
                $"{set,-7} {bench.Type,-5} {bench.Outputs,6} x {bench.Inputs,-5} {bench.Rows,7} {Median(exact) * 1e3,10:F3} {seconds * 1e3,10:F3} {Median(exact) / seconds,7:F2}" +
                $" {rate,10:F1} {share} {best,10:F1} {Median(fork) * 1e9,14:F0} {Median(read),11:F1} {Median(peak),13:F0}");
        }
    }

    private static bool IsPlain(DType type) => type is DType.F32 or DType.F16 or DType.BF16;

    internal static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
