namespace Caravan.Inference.Tests;

public class PenaltiesTests
{
    [Fact]
    public void Each_penalty_follows_its_formula_and_is_taken_back_exactly()
    {
        Random random = new(3);
        for (int round = 0; round < 500; round++)
        {
            const int Size = 30;
            int window = random.Next(-1, 12);
            float repetition = 0.5f + (float)random.NextDouble() * 1.5f;
            float presence = (float)random.NextDouble() * 4 - 2, frequency = (float)random.NextDouble() * 4 - 2;
            TokenHistory history = new(Size, window);
            List<(int Token, bool Generated)> all = [];
            for (int i = random.Next(40); i > 0; i--)
            {
                all.Add((random.Next(Size), all.Count > 8));
                history.Add(all[^1].Token, all[^1].Generated);
            }

            float[] logits = SamplingReference.RandomLogits(random, Size), before = [.. logits];
            Penalties penalties = new(repetition, presence, frequency);
            penalties.Apply(logits, history.Counts);
            (int Token, bool Generated)[] seen = [.. window < 0 ? all : all.TakeLast(window)];
            for (int id = 0; id < Size; id++)
            {
                double expected = before[id];
                if (seen.Any(entry => entry.Token == id)) expected = expected < 0 ? expected * repetition : expected / repetition;
                int count = seen.Count(entry => entry.Token == id && entry.Generated);
                expected -= count * (double)frequency + (count > 0 ? presence : 0);
                // Four float32 operations on values below 128.
                Assert.InRange(logits[id], expected - 3e-5, expected + 3e-5);
                if (!seen.Any(entry => entry.Token == id)) Assert.Equal(before[id], logits[id]);
            }

            penalties.Undo(logits, history.Counts);
            Assert.Equal(before, logits);
        }
    }

    [Fact]
    public void The_prompt_counts_for_the_repetition_penalty_only()
    {
        float[] logits = [1, 1.1f, -3];
        Sampler repetition = new(SamplingOptions.Greedy with { RepetitionPenalty = 1.5f }, 3);
        repetition.AcceptPrompt([1]);
        Assert.Equal(0, repetition.Sample(logits).Id);

        Sampler presence = new(SamplingOptions.Greedy with { PresencePenalty = 0.5f }, 3);
        presence.AcceptPrompt([1]);
        Assert.Equal(1, presence.Sample(logits).Id);
        presence.Accept(1);
        Assert.Equal(0, presence.Sample(logits).Id);
    }

    [Fact]
    public void Frequency_adds_up_and_presence_does_not()
    {
        float[] logits = [0, 1];
        Sampler frequency = new(SamplingOptions.Greedy with { FrequencyPenalty = 0.4f }, 2);
        Sampler presence = new(SamplingOptions.Greedy with { PresencePenalty = 0.4f }, 2);
        for (int step = 0; step < 6; step++)
        {
            Assert.Equal(step < 3 ? 1 : 0, frequency.Sample(logits).Id);
            Assert.Equal(1, presence.Sample(logits).Id);
            frequency.Accept(1);
            presence.Accept(1);
        }
    }

    [Fact]
    public void Tokens_that_leave_the_window_are_forgotten()
    {
        float[] logits = [0, 1];
        Sampler sampler = new(SamplingOptions.Greedy with { PresencePenalty = 2, PenaltyWindow = 2 }, 2);
        int[] tokens = new int[5];
        for (int step = 0; step < 5; step++) sampler.Accept(tokens[step] = sampler.Sample(logits).Id);
        // 1 is penalised until it leaves the window; with both in the window they are even again and 1 wins.
        Assert.Equal([1, 0, 1, 1, 0], tokens);
    }

    [Fact]
    public void Bias_comes_before_the_penalties()
    {
        // (-1 + 2) / 2 = 0.5 beats 0.25; penalised first it would be -1 * 2 + 2 = 0.
        Sampler sampler = new(SamplingOptions.Greedy with { RepetitionPenalty = 2, LogitBias = new Dictionary<int, float> { [1] = 2 } }, 2);
        sampler.AcceptPrompt([1]);
        Assert.Equal(1, sampler.Sample([0.25f, -1]).Id);
    }

    [Fact]
    public void Extreme_penalties_and_biases_neither_overflow_nor_forbid()
    {
        Sampler sampler = new(
            SamplingOptions.Greedy with { RepetitionPenalty = float.MaxValue, LogitBias = new Dictionary<int, float> { [0] = float.MaxValue } }, 2);
        sampler.AcceptPrompt([0, 1]);
        Assert.Equal(SamplingFault.None, sampler.Sample([float.MaxValue, float.MinValue]).Fault);
        Sampler reward = new(SamplingOptions.Greedy with { RepetitionPenalty = float.Epsilon }, 2);
        reward.AcceptPrompt([0, 1]);
        Assert.Equal(SamplingFault.None, reward.Sample([5, 6]).Fault);
    }
}
