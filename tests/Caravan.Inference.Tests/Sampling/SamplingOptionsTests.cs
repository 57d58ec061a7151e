namespace Caravan.Inference.Tests;

public class SamplingOptionsTests
{
    public static TheoryData<SamplingOptions, string> Mistakes => new()
    {
        { new() { Temperature = -0.1f }, "Temperature is -0.1" },
        { new() { Temperature = float.NaN }, "Temperature is NaN" },
        { new() { Temperature = float.PositiveInfinity }, "Temperature is Infinity" },
        { new() { TopK = -1 }, "TopK is -1" },
        { new() { TopP = 1.01f }, "TopP is 1.01" },
        { new() { TopP = float.NaN }, "TopP is NaN" },
        { new() { MinP = -0.5f }, "MinP is -0.5" },
        { new() { TypicalP = 0 }, "TypicalP is 0" },
        { new() { RepetitionPenalty = 0 }, "RepetitionPenalty is 0" },
        { new() { PresencePenalty = 2.5f }, "PresencePenalty is 2.5" },
        { new() { FrequencyPenalty = -3 }, "FrequencyPenalty is -3" },
        { new() { PenaltyWindow = -2 }, "PenaltyWindow is -2" },
        { new() { LogProbs = -1 }, "LogProbs is -1" },
        { new() { LogitBias = new Dictionary<int, float> { [-4] = 1 } }, "LogitBias is -4" },
        { new() { LogitBias = new Dictionary<int, float> { [4] = float.NaN } }, "LogitBias of token 4 is NaN" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_value_outside_its_range_is_named_with_the_range_and_the_neutral_value(SamplingOptions options, string found)
    {
        CaravanException failure = Assert.Throws<CaravanException>(() => new Sampler(options, 10));
        Assert.StartsWith($"The sampling option {found}, but must be ", failure.Message);
        Assert.Contains("; ", failure.Message);
        Assert.EndsWith(".", failure.Message);
    }

    [Fact]
    public void A_bias_beyond_the_vocabulary_is_named()
    {
        SamplingOptions options = new() { LogitBias = new Dictionary<int, float> { [10] = 1 } };
        options.Validate();
        Assert.Contains("token 10, but the model's vocabulary ends at 9", Assert.Throws<CaravanException>(() => new Sampler(options, 10)).Message);
    }

    [Fact]
    public void The_ends_of_every_range_are_allowed()
    {
        SamplingOptions low = new() { Temperature = 0, TopK = 0, TopP = 0, MinP = 0, TypicalP = float.Epsilon };
        (low with { PresencePenalty = -2, FrequencyPenalty = -2, RepetitionPenalty = float.Epsilon, PenaltyWindow = -1 }).Validate();
        SamplingOptions high = new() { Temperature = float.MaxValue, TopK = int.MaxValue, TopP = 1, MinP = 1, TypicalP = 1 };
        (high with { PresencePenalty = 2, FrequencyPenalty = 2, RepetitionPenalty = float.MaxValue, PenaltyWindow = 0 }).Validate();
        new SamplingOptions { LogitBias = new Dictionary<int, float> { [0] = float.NegativeInfinity } }.Validate();
    }
}
