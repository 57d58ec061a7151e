using Caravan.Kernels;

namespace Caravan.Bench;

/// <summary>Attention beside what the machine gives in the same minute: fused multiply-adds for prompts, reading memory for single tokens.</summary>
internal static class AttentionReport
{
    public static void Print(MachineSpeed machine, WorkerPool workers, Settings settings, bool decode)
    {
        Console.WriteLine(decode
            ? "set     type   heads       context        ms     GB/s   read GB/s   of read"
            : "set     type   heads        tokens        ms  GFLOP/s   peak       of peak");
        foreach (InstructionSet set in settings.Sets)
        {
            using KernelSet kernels = KernelSet.For(set, workers);
            foreach (AttentionShape shape in settings.Heads)
                foreach (DType type in settings.Types.Where(LayerPages.Types.Contains))
                    foreach (int tokens in settings.Tokens) Measure(machine, new AttentionBench(kernels, shape, type, tokens, decode), set, settings.Rounds);
        }
    }

    private static void Measure(MachineSpeed machine, AttentionBench bench, InstructionSet set, int rounds)
    {
        using (bench)
        {
            double[] seconds = new double[rounds], limits = new double[rounds];
            for (int round = 0; round < rounds; round++)
            {
                limits[round] = bench.Decode ? machine.ReadBytesPerSecond() / 1e9 : machine.MultiplyAddsPerSecond() / 1e9;
                seconds[round] = bench.Time();
            }

            double time = Program.Median(seconds), limit = Program.Median(limits), rate = (bench.Decode ? bench.Bytes : bench.Operations) / time / 1e9;
            string heads = $"{bench.Shape.Heads}/{bench.Shape.KeyValueHeads}/{bench.Shape.HeadSize}";
            Console.WriteLine($"{set,-7} {bench.Type,-5} {heads,-10} {bench.Tokens,8} {time * 1e3,9:F3} {rate,8:F1} {limit,11:F1} {rate / limit,9:P0}");
        }
    }
}
