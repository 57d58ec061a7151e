using Caravan.Kernels;
using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>Linear biases: distances −(longest − 1) … 0 of key from query, or places 0 … longest − 1.</summary>
internal sealed class AlibiTable(AlibiSpec spec) : BiasTable
{
    public override LayerBias Fill(Pass pass, Batch batch, int longest)
    {
        NativeSpan<float> biases = pass.Workspace.Rent(new Shape(spec.Slopes.Length, longest)).Floats;
        for (int head = 0; head < spec.Slopes.Length; head++)
        {
            Span<float> row = biases.AsSpan((long)head * longest, longest);
            float slope = spec.Slopes[head];
            for (int i = 0; i < longest; i++)
                row[i] = spec.RoundedToBFloat16 ? Rounded(Rounded(slope) * i) : slope * (i - (longest - 1));
        }

        return new LayerBias(new AttentionBias(biases, longest, spec.RoundedToBFloat16 ? 0 : longest - 1, ByKey: spec.RoundedToBFloat16), null);
    }

    /// <summary>The nearest bfloat16, ties to even.</summary>
    private static float Rounded(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000);
    }
}
