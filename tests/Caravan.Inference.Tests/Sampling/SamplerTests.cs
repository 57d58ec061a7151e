namespace Caravan.Inference.Tests;

public class SamplerTests
{
    [Fact]
    public void Greedy_takes_the_largest_logit_and_the_lowest_id_among_equals()
    {
        Random random = new(1);
        for (int round = 0; round < 2000; round++)
        {
            float[] logits = [.. SamplingReference.RandomLogits(random, random.Next(1, 70), 1).Select(value => MathF.Round(value))];
            SampledToken token = new Sampler(SamplingOptions.Greedy, logits.Length).Sample(logits);
            Assert.Equal(Array.IndexOf(logits, logits.Max()), token.Id);
        }
    }

    [Fact]
    public void Greedy_takes_zero_and_minus_zero_as_equals() =>
        Assert.Equal(1, new Sampler(SamplingOptions.Greedy, 3).Sample([-1, -0f, 0f]).Id);

    [Fact]
    public void TopK_1_and_TopP_0_and_MinP_1_are_greedy_at_any_temperature()
    {
        Random random = new(2);
        SamplingOptions hot = new() { Temperature = 5, Seed = 3 };
        foreach (SamplingOptions options in new[] { hot with { TopK = 1 }, hot with { TopP = 0 }, hot with { MinP = 1 } })
        {
            Sampler sampler = new(options, 100);
            for (int round = 0; round < 100; round++)
            {
                float[] logits = SamplingReference.RandomLogits(random, 100);
                Assert.Equal(Array.IndexOf(logits, logits.Max()), sampler.Sample(logits).Id);
            }
        }
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(float.Epsilon)]
    [InlineData(1e-6f)]
    [InlineData(1e6f)]
    [InlineData(float.MaxValue)]
    public void Extreme_temperatures_give_tokens_not_NaN(float temperature)
    {
        foreach (float scale in new[] { 1f, 1e-38f, 1e30f, float.MaxValue })
        {
            float[] logits = [.. new[] { -1f, 0.5f, 1f, -0.25f, 1f }.Select(value => value * scale)];
            SamplingOptions options = new() { Temperature = temperature, TopP = 0.99f, MinP = 1e-9f, TypicalP = 0.999f, Seed = 1 };
            SampledToken token = new Sampler(options, 5).Sample(logits);
            Assert.Equal(SamplingFault.None, token.Fault);
            Assert.InRange(token.Id, 0, 4);
            if (temperature < 1e-5f && scale >= 1) Assert.Contains(token.Id, new[] { 2, 4 });
        }
    }

    [Fact]
    public void A_vocabulary_of_one_token_gives_that_token_with_probability_1()
    {
        foreach (SamplingOptions options in EveryKind(1))
            Assert.Equal(new SampledToken(0, 0, SamplingFault.None), new Sampler(options, 1).Sample([-7.5f]));
    }

    [Fact]
    public void LogProbability_is_the_log_softmax_of_the_row_as_the_model_gave_it()
    {
        Random random = new(4);
        foreach (SamplingOptions options in EveryKind(300))
        {
            Sampler sampler = new(options, 300);
            sampler.AcceptPrompt([1, 2, 3, 299]);
            for (int round = 0; round < 50; round++)
            {
                float[] logits = SamplingReference.RandomLogits(random, 300);
                float[] before = [.. logits];
                SampledToken token = sampler.Sample(logits);
                sampler.Accept(token.Id);
                Assert.Equal(before, logits);
                double exact = Math.Log(SamplingReference.Softmax(SamplingReference.ToDouble(logits), 1)[token.Id]);
                // One rounding to float32 of a value below 64, and float32 exponentials in the normalizer.
                Assert.InRange(token.LogProbability, exact - 4e-6, exact + 4e-6);
                AssertTop(sampler.TopLogProbabilities, logits, options.LogProbs);
            }
        }
    }

    [Fact]
    public void More_top_log_probabilities_than_tokens_gives_all_tokens()
    {
        Sampler sampler = new(new SamplingOptions { LogProbs = 20 }, 3);
        sampler.Sample([0, float.NegativeInfinity, 2]);
        Assert.Equal([2, 0], sampler.TopLogProbabilities.ToArray().Select(token => token.Id));
    }

    [Theory]
    [InlineData(float.NaN, (int)SamplingFault.NotANumber)]
    [InlineData(float.PositiveInfinity, (int)SamplingFault.PositiveInfinity)]
    public void A_broken_logit_is_a_fault_wherever_it_stands(float broken, int fault)
    {
        foreach (SamplingOptions options in EveryKind(21))
        {
            Sampler sampler = new(options, 21);
            for (int position = 0; position < 21; position++)
            {
                float[] logits = new float[21];
                logits[position] = broken;
                SampledToken token = sampler.Sample(logits);
                Assert.Equal((SamplingFault)fault, token.Fault);
                Assert.Equal(-1, token.Id);
                Assert.Equal(0, sampler.TopLogProbabilities.Length);
            }
        }
    }

    [Fact]
    public void NaN_is_reported_even_beside_infinity()
    {
        float[] logits = [float.PositiveInfinity, float.NaN, 1, 2, 3, 4, 5, 6, 7, float.PositiveInfinity];
        Assert.Equal(SamplingFault.NotANumber, new Sampler(SamplingOptions.Greedy, 10).Sample(logits).Fault);
    }

    [Fact]
    public void A_row_that_forbids_everything_is_a_fault_of_its_own()
    {
        float[] nothing = [.. Enumerable.Repeat(float.NegativeInfinity, 9)];
        Dictionary<int, float> bans = Enumerable.Range(0, 9).ToDictionary(id => id, _ => float.NegativeInfinity);
        foreach (SamplingOptions options in EveryKind(9))
        {
            Assert.Equal(SamplingFault.NothingAllowed, new Sampler(options, 9).Sample(nothing).Fault);
            float[] logits = new float[9];
            Assert.Equal(SamplingFault.NothingAllowed, new Sampler(options with { LogitBias = bans }, 9).Sample(logits).Fault);
            Assert.Equal(new float[9], logits);
        }
    }

    [Fact]
    public void The_only_allowed_token_is_chosen()
    {
        foreach (SamplingOptions options in EveryKind(40))
        {
            float[] logits = [.. Enumerable.Repeat(float.NegativeInfinity, 40)];
            logits[33] = -5;
            Assert.Equal(new SampledToken(33, 0, SamplingFault.None), new Sampler(options, 40).Sample(logits));
        }
    }

    [Fact]
    public void Equal_seeds_give_equal_tokens_and_other_seeds_others()
    {
        int[] Tokens(ulong seed, CandidateSet? shared)
        {
            Sampler sampler = new(new SamplingOptions { TopP = 0.95f, TopK = 80, Seed = seed }, 200, shared);
            Random random = new(9);
            return [.. Enumerable.Range(0, 200).Select(_ => sampler.Sample(SamplingReference.RandomLogits(random, 200)).Id)];
        }

        Assert.Equal(Tokens(1, null), Tokens(1, new CandidateSet(500)));
        Assert.NotEqual(Tokens(1, null), Tokens(2, null));
    }

    [Fact]
    public void The_choice_is_the_inverse_transform_of_the_documented_random_numbers()
    {
        Sampler sampler = new(new SamplingOptions { Seed = 1234567 }, 1024);
        SplitMix64 random = new(1234567);
        for (int round = 0; round < 1000; round++) Assert.Equal((int)(random.NextDouble() * 1024), sampler.Sample(new float[1024]).Id);
    }

    [Fact]
    public void Without_a_seed_every_sampler_takes_a_new_one_and_tells_it()
    {
        Sampler first = new(new SamplingOptions(), 1000), second = new(new SamplingOptions(), 1000);
        Assert.NotEqual(first.Seed, second.Seed);
        Sampler again = new(new SamplingOptions { Seed = first.Seed }, 1000);
        for (int round = 0; round < 20; round++) Assert.Equal(first.Sample(new float[1000]).Id, again.Sample(new float[1000]).Id);
    }

    [Fact]
    public void Rounding_noise_in_the_logits_hardly_ever_changes_the_tokens_of_a_seed()
    {
        // Batches of other sizes add in another order; the same seed must still tell the same story.
        Random random = new(17);
        Sampler clean = new(new SamplingOptions { TopP = 0.9f, Seed = 5 }, 2000), noisy = new(new SamplingOptions { TopP = 0.9f, Seed = 5 }, 2000);
        int different = 0;
        for (int round = 0; round < 500; round++)
        {
            float[] logits = SamplingReference.RandomLogits(random, 2000, 1);
            float[] disturbed = [.. logits.Select(logit => logit + (float)(1e-6 * (random.NextDouble() - 0.5)))];
            if (clean.Sample(logits).Id != noisy.Sample(disturbed).Id) different++;
        }

        Assert.InRange(different, 0, 2);
    }

    [Fact]
    public void A_row_of_another_size_is_refused() =>
        Assert.Throws<ArgumentException>(() => new Sampler(SamplingOptions.Greedy, 4).Sample(new float[5]));

    /// <summary>One set of options for every path through the sampler.</summary>
    private static IEnumerable<SamplingOptions> EveryKind(int vocabularySize)
    {
        SamplingOptions all = new() { Seed = 6, LogProbs = 5 };
        yield return all;
        yield return all with { Temperature = 0 };
        yield return all with { TopK = 7 };
        yield return all with { TopP = 0.8f, Temperature = 0.3f };
        yield return all with { MinP = 0.2f, LogProbs = 0 };
        yield return all with { TypicalP = 0.6f };
        yield return all with { Temperature = 0, RepetitionPenalty = 1.3f, PresencePenalty = 1, FrequencyPenalty = -0.5f };
        yield return all with { TopK = 50, TopP = 0.9f, MinP = 0.05f, TypicalP = 0.9f, RepetitionPenalty = 1.1f, PenaltyWindow = 2 };
        yield return all with { Temperature = 1.5f, LogitBias = new Dictionary<int, float> { [vocabularySize - 1] = 2.5f } };
    }

    private static void AssertTop(ReadOnlySpan<TokenLogProbability> top, float[] logits, int count)
    {
        double[] probabilities = SamplingReference.Softmax(SamplingReference.ToDouble(logits), 1);
        int[] expected = [.. Enumerable.Range(0, logits.Length).OrderByDescending(id => logits[id]).ThenBy(id => id).Take(count)];
        Assert.Equal(expected, top.ToArray().Select(token => token.Id));
        foreach (TokenLogProbability token in top)
            Assert.InRange(token.LogProbability, Math.Log(probabilities[token.Id]) - 4e-6, Math.Log(probabilities[token.Id]) + 4e-6);
    }
}
