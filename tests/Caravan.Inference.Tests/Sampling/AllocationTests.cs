namespace Caravan.Inference.Tests;

public class AllocationTests
{
    [Theory]
    [InlineData(512)]
    [InlineData(128256)]
    public void Sampling_allocates_nothing(int vocabularySize)
    {
        Random random = new(1);
        float[][] rows = [.. Enumerable.Range(0, 6).Select(_ => SamplingReference.RandomLogits(random, vocabularySize))];
        SamplingOptions seeded = new() { Seed = 1, LogProbs = 20 };
        foreach (SamplingOptions options in new[]
        {
            seeded,
            seeded with { Temperature = 0 },
            seeded with { TopK = 40, TopP = 0.95f, MinP = 0.05f },
            seeded with { TopP = 0.99f, TypicalP = 0.9f },
            seeded with { RepetitionPenalty = 1.1f, PresencePenalty = 1, LogitBias = new Dictionary<int, float> { [5] = 1 } },
            seeded with { FrequencyPenalty = 1, PenaltyWindow = 3 },
        })
        {
            Sampler sampler = new(options, vocabularySize);
            sampler.AcceptPrompt([1, 2, 3]);
            Run(sampler, rows);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Run(sampler, rows);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void Stop_strings_allocate_nothing()
    {
        StopStrings stops = new(["</s>", "User:", "\n\n"]);
        long before = 0;
        int shown = 0;
        for (int round = 0; round < 200; round++)
        {
            if (round == 100) before = GC.GetAllocatedBytesForCurrentThread();
            shown += stops.Push("Users said </ and <").Length + stops.Push("\n").Length;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(200 * 20 - 1, shown);
    }

    private static void Run(Sampler sampler, float[][] rows)
    {
        foreach (float[] row in rows) sampler.Accept(sampler.Sample(row).Id);
    }
}
