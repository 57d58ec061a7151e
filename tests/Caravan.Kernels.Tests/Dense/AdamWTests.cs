namespace Caravan.Kernels.Tests;

public sealed class AdamWTests
{
    private static readonly AdamWStep[] Settings =
    [
        new(1e-3f, 0.9f, 0.999f, 1e-8f, 0.1f, 1),
        new(1e-2f, 0.9f, 0.95f, 1e-5f, 0, 1, GradientScale: 0.25f),
        new(3e-4f, 0, 0.99f, 1e-8f, 0.01f, 1),
    ];

    public static TheoryData<InstructionSet, int, int> Cases
    {
        get
        {
            TheoryData<InstructionSet, int, int> data = [];
            foreach (InstructionSet set in Cpu.Supported)
                foreach ((int length, int threads) in new[] { (1, 1), (19, 1), (50_003, 2) })
                    data.Add(set, length, threads);
            return data;
        }
    }

    /// <summary>
    /// Five steps of the paper's algorithm in double beside the kernel. The kernel's state stays within what its roundings can do: a moment
    /// rounds four times a step (decay, two products, sum) and older errors decay, a weight changes by a step that rounds about a dozen times
    /// and is itself rounded twice.
    /// </summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Is_the_algorithm_of_the_paper(InstructionSet set, int length, int threads)
    {
        using WorkerPool pool = new(threads);
        KernelSet kernels = KernelSet.For(set, pool);
        Random random = new(length);
        foreach (AdamWStep settings in Settings)
        {
            using NativeBuffer weights = Floats(random, length), first = new(length * sizeof(float)), second = new(length * sizeof(float));
            double[] w = [.. weights.Bytes.Cast<float>().AsSpan().ToArray().Select(value => (double)value)], m = new double[length], v = new double[length];
            for (int step = 1; step <= 5; step++)
            {
                using NativeBuffer gradients = Floats(random, length);
                AdamWStep now = settings with { Step = step };
                kernels.AdamW(
                    now, weights.Bytes.Cast<float>(), gradients.Bytes.Cast<float>(), first.Bytes.Cast<float>(), second.Bytes.Cast<float>());
                for (int i = 0; i < length; i++)
                {
                    (w[i], m[i], v[i]) = Reference(now, w[i], gradients.Bytes.Cast<float>()[i], m[i], v[i]);
                    // Moments are compared in the size of what they summed (gradients up to 5), weights in theirs plus that of the steps.
                    double unit = Math.Pow(2, -24), change = now.LearningRate * Math.Min(step * 10, Math.Abs(m[i] / (1 - Math.Pow(now.Beta1, step))) / now.Epsilon);
                    Assert.InRange(first.Bytes.Cast<float>()[i] - m[i], -4 * step * unit * 5, 4 * step * unit * 5);
                    Assert.InRange(second.Bytes.Cast<float>()[i] / v[i], 1 - (6 * step * unit), 1 + (6 * step * unit));
                    double allowed = step * unit * ((3 * Math.Abs(w[i])) + (20 * change));
                    Assert.InRange(weights.Bytes.Cast<float>()[i] - w[i], -allowed, allowed);
                }
            }
        }
    }

    [Fact]
    public void A_zero_gradient_only_decays()
    {
        using WorkerPool pool = new(1);
        foreach (InstructionSet set in Cpu.Supported)
        {
            using NativeBuffer weights = Native.Copy<float>([2, -4, 8]), zeros = new(12), first = new(12), second = new(12);
            KernelSet.For(set, pool).AdamW(
                new AdamWStep(0.5f, 0.9f, 0.999f, 1e-8f, 0.5f, 1), weights.Bytes.Cast<float>(), zeros.Bytes.Cast<float>(), first.Bytes.Cast<float>(),
                second.Bytes.Cast<float>());
            Assert.Equal([1.5f, -3, 6], weights.Bytes.Cast<float>().AsSpan().ToArray());
        }
    }

    private static (double Weight, double First, double Second) Reference(AdamWStep step, double weight, double gradient, double first, double second)
    {
        gradient *= step.GradientScale;
        first = (step.Beta1 * first) + ((1.0 - step.Beta1) * gradient);
        second = (step.Beta2 * second) + ((1.0 - step.Beta2) * gradient * gradient);
        double firstHat = first / (1 - Math.Pow(step.Beta1, step.Step)), secondHat = second / (1 - Math.Pow(step.Beta2, step.Step));
        weight -= step.LearningRate * ((firstHat / (Math.Sqrt(secondHat) + step.Epsilon)) + ((double)step.WeightDecay * weight));
        return (weight, first, second);
    }

    /// <summary>Between 0.01 and 5 in size, of both signs.</summary>
    private static NativeBuffer Floats(Random random, int count) => Native.Copy<float>(
        [.. Enumerable.Range(0, count).Select(_ => (0.01f + (random.NextSingle() * 4.9f)) * (random.Next(2) == 0 ? 1 : -1))]);
}
