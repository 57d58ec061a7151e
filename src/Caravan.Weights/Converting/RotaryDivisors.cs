using Caravan.Models;

namespace Caravan.Weights;

/// <summary>
/// The divisors of <c>rope_freqs.weight</c>: GGUF stores what Llama 3.1's scaling does to each frequency instead of its parameters. Going back,
/// parameters are sought that give the same divisors.
/// </summary>
internal static class RotaryDivisors
{
    /// <summary>Divisors are floats: half a unit of rounding each, and as much again for a base that was rounded.</summary>
    private const double Rounding = 1e-6;

    /// <summary>The context of Llama 3 before scaling, for parameters that divisors leave open.</summary>
    private const int UsualTrainedLength = 8192;

    /// <summary>How GGUF stores a scaling as divisors; null when it has keys or needs nothing.</summary>
    public static float[]? Of(RotarySpec rotary) => rotary.Scaling switch
    {
        DivisorScaling scaling => [.. scaling.Divisors],
        Llama3Scaling scaling => [.. rotary.UnscaledFrequencies().Zip(scaling.Frequencies(rotary, 0), (plain, scaled) => (float)(plain / scaled))],
        _ => null,
    };

    /// <summary>The scaling that gives these divisors and that configurations can name; null when there is none.</summary>
    public static RotaryScaling? Named(RotarySpec rotary, IReadOnlyList<float> divisors)
    {
        double factor = divisors.Max();
        if (divisors.All(divisor => divisor == divisors[0])) return new LinearScaling(factor);
        if (Ramp(rotary, divisors, factor) is not { } ramp) return null;
        return Candidates(factor, ramp.Zero, ramp.One).FirstOrDefault(scaling => Gives(rotary, scaling, divisors));
    }

    /// <summary>
    /// Turns per token at which a wave begins to be kept and at which it is wholly kept: from the blended waves, which lie on a line between, or
    /// from the waves next to the ramp when fewer than two are blended.
    /// </summary>
    private static (double Zero, double One)? Ramp(RotarySpec rotary, IReadOnlyList<float> divisors, double factor)
    {
        (double Turns, double Kept)[] waves =
        [
            .. rotary.UnscaledFrequencies().Zip(divisors, (frequency, divisor) =>
                (frequency / (2 * Math.PI), divisor == 1 ? 1 : ((1 / (double)divisor) - (1 / factor)) / (1 - (1 / factor)))),
        ];
        (double Turns, double Kept)[] blended = [.. waves.Where(wave => wave.Kept is > 0 and < 1).OrderBy(wave => wave.Turns)];
        double divided = waves.Where(wave => wave.Kept <= 0).Select(wave => wave.Turns).DefaultIfEmpty(0).Max();
        double kept = waves.Where(wave => wave.Kept >= 1).Select(wave => wave.Turns).DefaultIfEmpty(double.PositiveInfinity).Min();
        if (blended.Length >= 2)
        {
            double slope = (blended[^1].Kept - blended[0].Kept) / (blended[^1].Turns - blended[0].Turns);
            double zero = blended[0].Turns - (blended[0].Kept / slope);
            return slope > 0 ? (zero, zero + (1 / slope)) : null;
        }

        if (blended.Length == 0) return divided < kept ? (divided, kept) : null;
        // One blended wave: the ramp may begin anywhere from the last divided wave on, unless it would then end beyond the first kept one.
        (double turns, double share) = blended[0];
        double begin = double.IsInfinity(kept) ? divided : Math.Max(divided, ((turns / share) - kept) / ((1 / share) - 1));
        return begin < turns ? (begin, begin + ((turns - begin) / share)) : null;
    }

    /// <summary>
    /// Only the factors' ratios to the trained length count. Llama's own choice, a low factor of 1, is taken when that makes the length a whole
    /// number, and rounded numbers before the ones that come out.
    /// </summary>
    private static IEnumerable<Llama3Scaling> Candidates(double factor, double zero, double one)
    {
        double length = zero > 0 ? Math.Round(1 / zero) : 0;
        if (length is > 1 and < int.MaxValue)
        {
            yield return new Llama3Scaling(factor, 1, Math.Round(length * one, 3), (int)length);
            yield return new Llama3Scaling(factor, 1, length * one, (int)length);
        }

        yield return new Llama3Scaling(factor, UsualTrainedLength * zero, UsualTrainedLength * one, UsualTrainedLength);
    }

    private static bool Gives(RotarySpec rotary, Llama3Scaling scaling, IReadOnlyList<float> divisors) =>
        rotary.UnscaledFrequencies()
            .Zip(scaling.Frequencies(rotary, 0), (plain, scaled) => plain / scaled)
            .Zip(divisors, (found, wanted) => Math.Abs(found - wanted) <= Rounding * wanted)
            .All(same => same);
}
