namespace Caravan.Inference.Tests;

public class DistributionTests
{
    public static TheoryData<string> Cases => ["model", "hot", "cold", "top-k", "top-p", "min-p", "typical", "chain", "penalties"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Tokens_come_as_often_as_the_restated_distribution_says(string name)
    {
        const int Draws = 40000;
        float[] logits = SamplingReference.RandomLogits(new Random(77), 60, 1.5);
        SamplingOptions options = OptionsOf(name);
        double[] expected = Expected(logits, options);
        Sampler sampler = new(options, logits.Length);
        sampler.AcceptPrompt(Prompt);
        int[] counts = new int[logits.Length];
        for (int draw = 0; draw < Draws; draw++) counts[sampler.Sample(logits).Id]++;
        AssertChiSquare(expected, counts, Draws);
    }

    [Fact]
    public void A_large_vocabulary_is_drawn_from_in_all_its_parts()
    {
        const int Size = 20000, Draws = 60000, Bins = 80;
        Sampler sampler = new(new SamplingOptions { Seed = 8 }, Size);
        float[] logits = SamplingReference.RandomLogits(new Random(78), Size, 1);
        double[] probabilities = SamplingReference.Softmax(SamplingReference.ToDouble(logits), 1);
        double[] expected = new double[Bins];
        for (int id = 0; id < Size; id++) expected[id % Bins] += probabilities[id];
        int[] counts = new int[Bins];
        for (int draw = 0; draw < Draws; draw++) counts[sampler.Sample(logits).Id % Bins]++;
        AssertChiSquare(expected, counts, Draws);
    }

    private static int[] Prompt => [3, 3, 7, 59];

    private static SamplingOptions OptionsOf(string name)
    {
        SamplingOptions model = new() { Seed = 20240607 };
        return name switch
        {
            "model" => model,
            "hot" => model with { Temperature = 2.5f },
            "cold" => model with { Temperature = 0.6f },
            "top-k" => model with { TopK = 12 },
            "top-p" => model with { TopP = 0.85f, Temperature = 1.3f },
            "min-p" => model with { MinP = 0.1f },
            "typical" => model with { TypicalP = 0.7f },
            "chain" => model with { Temperature = 1.4f, TopK = 30, TopP = 0.9f, MinP = 0.08f, TypicalP = 0.8f },
            "penalties" => model with
            {
                RepetitionPenalty = 1.7f,
                LogitBias = new Dictionary<int, float> { [0] = 3, [7] = 2, [10] = float.NegativeInfinity },
            },
            _ => throw new ArgumentException(name),
        };
    }

    private static double[] Expected(float[] row, SamplingOptions options)
    {
        double[] logits = SamplingReference.ToDouble(row);
        foreach ((int id, float bias) in options.LogitBias ?? new Dictionary<int, float>()) logits[id] += bias;
        if (options.RepetitionPenalty != 1)
        {
            foreach (int id in Prompt.Distinct())
                logits[id] = logits[id] < 0 ? logits[id] * options.RepetitionPenalty : logits[id] / options.RepetitionPenalty;
        }

        double t = options.Temperature;
        double p = double.PositiveInfinity, m = p, y = p;
        if (options.TopK > 0) logits = SamplingReference.TopK(logits, options.TopK);
        if (options.TopP < 1) logits = SamplingReference.TopP(logits, t, options.TopP, out p);
        if (options.MinP > 0) logits = SamplingReference.MinP(logits, t, options.MinP, out m);
        if (options.TypicalP < 1) logits = SamplingReference.Typical(logits, t, options.TypicalP, out y);
        Assert.True(Math.Min(p, Math.Min(m, y)) > 1e-5, "the case must not hang on rounding");
        return SamplingReference.Softmax(logits, t);
    }

    /// <summary>Pearson's test, bins of fewer than five expected draws pooled; fails where chance alone would once in ten thousand.</summary>
    private static void AssertChiSquare(double[] probabilities, int[] counts, int draws)
    {
        double statistic = 0, pooledExpected = 0, pooledCount = 0;
        int bins = 0;
        for (int id = 0; id < counts.Length; id++)
        {
            double expected = probabilities[id] * draws;
            if (expected == 0) Assert.Equal(0, counts[id]);
            if (expected < 5)
            {
                pooledExpected += expected;
                pooledCount += counts[id];
                continue;
            }

            bins++;
            statistic += (counts[id] - expected) * (counts[id] - expected) / expected;
        }

        if (pooledExpected >= 5)
        {
            bins++;
            statistic += (pooledCount - pooledExpected) * (pooledCount - pooledExpected) / pooledExpected;
        }

        // Wilson and Hilferty's approximation of the chi-square quantile at 1 - 1e-4 (3.719 standard deviations).
        double freedom = bins - 1;
        double root = 1 - 2 / (9 * freedom) + 3.719 * Math.Sqrt(2 / (9 * freedom));
        Assert.True(bins > 3, "too few bins to mean anything");
        Assert.True(statistic < freedom * root * root * root, $"chi-square {statistic:F1} with {freedom} degrees of freedom");
    }
}
