namespace Caravan.Inference.Tests;

public class LogitMathTests
{
    [Fact]
    public void SplitMix64_gives_the_published_numbers()
    {
        SplitMix64 random = new(1234567);
        ulong[] published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        foreach (ulong number in published) Assert.Equal(number, random.Next());
    }

    [Fact]
    public void Random_numbers_stay_below_1_and_average_a_half()
    {
        SplitMix64 random = new(0);
        double sum = 0;
        for (int i = 0; i < 100000; i++)
        {
            double number = random.NextDouble();
            Assert.InRange(number, 0, 1 - Math.Pow(2, -53));
            sum += number;
        }

        // The mean of 100,000 uniform numbers has standard deviation 0.00091.
        Assert.InRange(sum / 100000, 0.496, 0.504);
    }

    [Fact]
    public void Passes_over_a_row_agree_with_float64_at_every_length()
    {
        Random random = new(2);
        for (int length = 1; length < 70; length++)
        {
            float[] row = SamplingReference.RandomLogits(random, length);
            float largest = row.Max();
            Assert.Equal(largest, LogitMath.Max(row));
            double expected = row.Sum(value => Math.Exp((double)value - largest));
            Assert.InRange(LogitMath.SumExp(row, largest), expected * (1 - 2e-6), expected * (1 + 2e-6));

            float[] weights = new float[length];
            LogitMath.Exp(row, weights, largest, 0.7f);
            for (int i = 0; i < length; i++)
            {
                double exact = Math.Exp(((double)row[i] - largest) / 0.7f);
                // Two roundings of an argument below 40, one of the result.
                Assert.InRange(weights[i], exact * (1 - 6e-6), exact * (1 + 6e-6));
            }

            Assert.Equal(weights.Sum(weight => (double)weight), LogitMath.Sum(weights), 1e-12);
            Assert.Equal(weights.Where(weight => weight > 0.1f).Sum(weight => (double)weight), LogitMath.SumAbove(weights, 0.1f), 1e-12);
        }
    }

    [Fact]
    public void The_exponential_is_exact_at_0_and_within_2_units_elsewhere()
    {
        float[] arguments = [.. Enumerable.Range(0, 870001).Select(i => -i * 1e-4f)];
        float[] weights = new float[arguments.Length];
        LogitMath.Exp(arguments, weights, 0, 1);
        Assert.Equal(1, weights[0]);
        for (int i = 0; i < arguments.Length; i++)
        {
            double exact = Math.Exp(arguments[i]);
            Assert.True(Math.Abs(weights[i] - exact) <= 2 * (MathF.BitIncrement((float)exact) - (float)exact), $"exp({arguments[i]}) = {weights[i]}");
        }
    }

    [Fact]
    public void The_exponential_of_a_forbidden_or_far_logit_is_zero()
    {
        float[] row = [0, float.NegativeInfinity, -1e30f, -200, -87.01f, 0, 0, 0, 0, float.NegativeInfinity];
        float[] weights = new float[10];
        LogitMath.Exp(row, weights, 0, 1);
        Assert.Equal([1, 0, 0, 0, 0, 1, 1, 1, 1, 0], weights);
        Assert.Equal(5, LogitMath.SumExp(row, 0));
    }

    [Fact]
    public void NextAbove_finds_every_greater_value_in_order()
    {
        Random random = new(3);
        for (int round = 0; round < 500; round++)
        {
            float[] row = [.. SamplingReference.RandomLogits(random, random.Next(0, 60), 1).Select(value => MathF.Round(value))];
            List<int> found = [];
            for (int i = LogitMath.NextAbove(row, 0, 1); i < row.Length; i = LogitMath.NextAbove(row, i + 1, 1)) found.Add(i);
            Assert.Equal(Enumerable.Range(0, row.Length).Where(i => row[i] > 1), found);
        }
    }

    [Fact]
    public void Draw_inverts_the_running_sum_and_never_takes_a_zero_weight()
    {
        Random random = new(4);
        foreach (int length in new[] { 1, 5, 256, 257, 1000, 1024 })
        {
            float[] weights = [.. Enumerable.Range(0, length).Select(_ => random.Next(3) == 0 ? random.Next(1, 9) : 0f)];
            weights[length / 2] = 1;
            double before = 0;
            for (int i = 0; i < length; i++)
            {
                if (weights[i] == 0) continue;
                Assert.Equal(i, LogitMath.Draw(weights, before));
                before += weights[i];
                Assert.Equal(i, LogitMath.Draw(weights, Math.BitDecrement(before)));
            }

            Assert.Equal(Array.FindLastIndex(weights, weight => weight > 0), LogitMath.Draw(weights, before));
        }
    }

    [Fact]
    public void LastOfMass_finds_the_cut_of_the_sorted_ranking_in_any_arrangement()
    {
        Random random = new(5);
        for (int round = 0; round < 2000; round++)
        {
            // Whole-number weights sum exactly in any order.
            Candidate[] candidates =
                [.. Enumerable.Range(0, random.Next(1, 400)).Select(id => new Candidate(random.Next(1, 60), id, random.Next(0, 5)))];
            if (round % 3 == 0) Array.Sort(candidates);
            if (round % 3 == 1) random.Shuffle(candidates);
            Candidate[] sorted = [.. candidates.Order()];
            double target = random.Next(0, (int)candidates.Sum(candidate => candidate.Weight) + 3);
            double before = 0;
            Candidate? expected = null;
            foreach (Candidate candidate in sorted)
            {
                before += candidate.Weight;
                if (before < target) continue;
                expected = candidate;
                break;
            }

            Assert.Equal(expected, Selection.LastOfMass(candidates, target));
        }
    }
}
