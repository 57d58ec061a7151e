using Caravan.Models;

namespace Caravan.Cli;

/// <summary>Parts of a specification in words.</summary>
internal static class SpecFacts
{
    /// <summary>How rotary angles are stretched, or null.</summary>
    public static string? ScalingOf(RotarySpec rotary) => rotary.Scaling switch
    {
        null => null,
        LinearScaling linear => $"linear by {linear.Factor}",
        DynamicScaling dynamic => $"dynamic by {dynamic.Factor} beyond {dynamic.TrainedLength} tokens",
        YarnScaling yarn => $"YaRN by {yarn.Factor} beyond {yarn.TrainedLength} tokens",
        Llama3Scaling llama3 => $"llama3 by {llama3.Factor} beyond {llama3.TrainedLength} tokens",
        DivisorScaling => "by a table of divisors in the file",
        var other => other.GetType().Name,
    };
}
