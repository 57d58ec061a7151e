namespace Caravan.Models;

/// <summary>
/// Dynamic NTK in steps: the base grows by α^(d/(d−2)), where α = 2^⌈log₂(length / trained) + 1⌉ − 1 stays the same between powers of two
/// (Bai et al. 2023, "Qwen Technical Report", §2.3; TeleChat). Beside it, queries may be multiplied by the logarithm of their position to the base
/// of the trained length (Su 2021; Chiang and Cholak 2022, §5.3).
/// </summary>
/// <param name="TrainedLength">Up to this length nothing changes.</param>
internal sealed record SteppedDynamicScaling(int TrainedLength) : RotaryScaling
{
    /// <summary>Whether the base grows; otherwise only queries change.</summary>
    public bool Dynamic { get; init; } = true;

    /// <summary>Whether queries beyond the trained length are multiplied by the logarithm of their position.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>Shorter sequences are treated as if they had this length; 0 for none.</summary>
    public int LeastLength { get; init; }

    /// <summary>Whether cosines and sines are multiplied by 0.1·ln(length / <see cref="LeastLength"/>) + 1.</summary>
    public bool Sharpened { get; init; }

    /// <inheritdoc/>
    public override bool DependsOnLength => Dynamic;

    /// <inheritdoc/>
    public override int LogLength => Logarithmic ? TrainedLength : 0;

    /// <inheritdoc/>
    public override string Words =>
        $"{(Dynamic ? "dynamic in steps" : "not")} beyond {TrainedLength} tokens{(Logarithmic ? ", with queries by the logarithm of their position" : "")}";

    /// <inheritdoc/>
    public override bool Describe(ConfigWriter config) => !config.IsGguf;

    /// <inheritdoc/>
    public override double AttentionFactorAt(int length) => Sharpened ? YarnScaling.Sharpening((double)length / LeastLength) : 1;

    /// <inheritdoc/>
    public override double[] Frequencies(RotarySpec rotary, int length)
    {
        double stretch = Math.Log2((double)Math.Max(length, LeastLength) / TrainedLength) + 1;
        double alpha = Dynamic && length > 0 ? Math.Max(Math.Pow(2, Math.Ceiling(stretch)) - 1, 1) : 1;
        return rotary.UnscaledFrequencies(rotary.Base * Math.Pow(alpha, rotary.Dimensions / (rotary.Dimensions - 2.0)));
    }
}
