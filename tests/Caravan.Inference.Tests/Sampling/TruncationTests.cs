namespace Caravan.Inference.Tests;

public class TruncationTests
{
    // Weights are float32: the argument of exp is within 2^-24 * 30 / temperature of the exact one and exp within 2^-23 of its own, so sums of
    // probabilities agree to this much; a case whose decision hangs on less is not compared.
    private const double Rounding = 1e-5;

    private static readonly int[] Sizes = [1, 2, 7, 8, 9, 33, 100, 511, 512, 1000];
    private static readonly float[] Temperatures = [0.5f, 0.7f, 1, 1.5f];

    [Fact]
    public void TopK_keeps_exactly_the_k_largest_and_the_lower_ids_among_equals()
    {
        Random random = new(11);
        for (int round = 0; round < 3000; round++)
        {
            float[] logits = RandomRow(random, round);
            int k = random.Next(1, logits.Length + 5);
            int[] expected = SamplingReference.Remaining(SamplingReference.TopK(SamplingReference.ToDouble(logits), k));
            CandidateSet candidates = new(logits.Length);
            new TopK(k).Load(logits, candidates);
            int[] finite = [.. candidates.Ids.ToArray().Where(id => logits[id] > float.NegativeInfinity)];
            Assert.Equal(expected, finite);
        }
    }

    [Fact]
    public void TopP_keeps_the_smallest_nucleus() => Compare(21, 0.999, (logits, temperature, random) =>
    {
        float mass = (float)random.NextDouble();
        CandidateSet candidates = Weighed(logits, temperature);
        new TopP(mass).Apply(candidates);
        double[] expected = SamplingReference.TopP(SamplingReference.ToDouble(logits), temperature, mass, out double margin);
        return (candidates, expected, margin);
    });

    [Fact]
    public void MinP_keeps_what_is_near_the_most_probable_token() => Compare(31, 0.5, (logits, temperature, random) =>
    {
        float share = (float)Math.Pow(10, -3 * random.NextDouble());
        CandidateSet candidates = Weighed(logits, temperature);
        new MinP(share).Apply(candidates);
        double[] expected = SamplingReference.MinP(SamplingReference.ToDouble(logits), temperature, share, out double margin);
        return (candidates, expected, margin);
    });

    [Fact]
    public void TypicalP_keeps_the_tokens_nearest_to_the_entropy()
    {
        Random random = new(41);
        for (int round = 0; round < 3000; round++)
        {
            float[] logits = RandomRow(random, round);
            float temperature = Temperatures[random.Next(Temperatures.Length)];
            float mass = 1 - (float)random.NextDouble();
            CandidateSet candidates = Weighed(logits, temperature);
            new TypicalP(mass).Apply(candidates, logits.Max(), temperature);

            double[] exact = SamplingReference.ToDouble(logits);
            double[] probabilities = SamplingReference.Softmax(exact, temperature);
            double[] distances = SamplingReference.Atypicality(exact, temperature);
            int[] kept = candidates.Ids.ToArray();
            int[] removed = [.. Enumerable.Range(0, logits.Length).Except(kept)];
            double furthest = kept.Max(id => distances[id]);
            Assert.True(removed.Length == 0 || removed.Min(id => distances[id]) >= furthest - Rounding);
            double sum = kept.Sum(id => probabilities[id]);
            Assert.True(removed.Length == 0 || sum >= mass - Rounding || removed.All(id => Weight(id) == 0));
            double last = kept.Where(id => distances[id] >= furthest - Rounding).Max(id => probabilities[id]);
            Assert.True(kept.Length == 1 || sum - last < mass + Rounding);

            double Weight(int id) => (float)Math.Exp(((double)logits[id] - logits.Max()) / temperature);
        }
    }

    [Theory]
    [InlineData(0.82f, new[] { 0, 3 })]
    [InlineData(0.54f, new[] { 0, 3 })]
    [InlineData(0.52f, new[] { 3 })]
    [InlineData(0.85f, new[] { 0, 1, 3 })]
    [InlineData(0.3f, new[] { 3 })]
    [InlineData(0f, new[] { 3 })]
    [InlineData(1f, new[] { 0, 1, 2, 3 })]
    public void TopP_by_hand(float mass, int[] expected)
    {
        // Running sums 0.53, 0.83, 0.95, 1.
        CandidateSet candidates = Weighed(Logs(0.3, 0.12, 0.05, 0.53), 1);
        new TopP(mass).Apply(candidates);
        Assert.Equal(expected, candidates.Ids.ToArray());
    }

    [Fact]
    public void TopP_takes_the_lower_ids_of_equal_tokens_and_stops_exactly_at_the_mass()
    {
        float[] logits = new float[64];
        foreach ((float mass, int kept) in new[] { (0.5f, 32), (0.25f, 16), (0.015625f, 1), (0.51f, 33), (0.984375f, 63), (0.99f, 64) })
        {
            CandidateSet candidates = Weighed(logits, 1);
            new TopP(mass).Apply(candidates);
            Assert.Equal(Enumerable.Range(0, kept), candidates.Ids.ToArray());
        }
    }

    [Fact]
    public void TypicalP_by_hand()
    {
        // H = 1.332: the 0.2s are 0.277 away from it, the 0.4 is 0.416 away, so the most probable token goes last.
        AssertTypical([1, 2, 3], 0.5f, Logs(0.4, 0.2, 0.2, 0.2));
        AssertTypical([1], 0.15f, Logs(0.4, 0.2, 0.2, 0.2));
        AssertTypical([0, 1, 2, 3], 0.7f, Logs(0.4, 0.2, 0.2, 0.2));
        AssertTypical([0], 0.5f, Logs(0.97, 0.01, 0.01, 0.01));
    }

    [Fact]
    public void A_forbidden_token_never_returns()
    {
        float[] logits = SamplingReference.RandomLogits(new Random(5), 100);
        for (int id = 0; id < 100; id += 3) logits[id] = float.NegativeInfinity;
        CandidateSet candidates = new(100);
        foreach (int k in new[] { 0, 10, 66, 67, 90, 100 })
        {
            new TopK(k).Load(logits, candidates);
            candidates.Weigh(logits.Max(), 1);
            new TypicalP(0.9999f).Apply(candidates, logits.Max(), 1);
            Assert.DoesNotContain(candidates.Ids.ToArray(), id => id % 3 == 0);
            new TopP(0.9999f).Apply(candidates);
            Assert.DoesNotContain(candidates.Ids.ToArray(), id => id % 3 == 0);
        }
    }

    private static void AssertTypical(int[] expected, float mass, float[] logits)
    {
        CandidateSet candidates = Weighed(logits, 1);
        new TypicalP(mass).Apply(candidates, logits.Max(), 1);
        Assert.Equal(expected, candidates.Ids.ToArray());
    }

    private static void Compare(int seed, double leastCompared, Func<float[], float, Random, (CandidateSet, double[], double)> step)
    {
        Random random = new(seed);
        int compared = 0;
        const int Rounds = 3000;
        for (int round = 0; round < Rounds; round++)
        {
            float[] logits = RandomRow(random, round);
            float temperature = Temperatures[random.Next(Temperatures.Length)];
            (CandidateSet candidates, double[] expected, double margin) = step(logits, temperature, random);
            if (margin < Rounding) continue;
            compared++;
            Assert.Equal(SamplingReference.Remaining(expected), candidates.Ids.ToArray());
        }

        Assert.True(compared >= leastCompared * Rounds, $"only {compared} of {Rounds} cases were clear enough to compare");
    }

    /// <summary>Every second row is rounded to halves, so that it is full of ties.</summary>
    private static float[] RandomRow(Random random, int round)
    {
        float[] logits = SamplingReference.RandomLogits(random, Sizes[random.Next(Sizes.Length)]);
        if (round % 2 == 0) return logits;
        return [.. logits.Select(logit => MathF.Round(2 * logit) / 2)];
    }

    private static float[] Logs(params double[] probabilities) => [.. probabilities.Select(p => (float)Math.Log(p))];

    private static CandidateSet Weighed(float[] logits, float temperature)
    {
        CandidateSet candidates = new(logits.Length);
        candidates.Load(logits);
        candidates.Weigh(logits.Max(), temperature);
        return candidates;
    }
}
