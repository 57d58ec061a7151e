using System.Buffers.Binary;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>
/// The grouped 8-bit matrices of llama2.c version 2: all int8 values, then one float32 scale per group of consecutive values.
/// They are decoded to float32, because ggml's Q8_0 keeps its scales as halves and would round them.
/// </summary>
internal static class Llama2cGroups
{
    /// <summary>Decodes <c>value * scale</c>; groups run over the flat matrix and may cross its rows.</summary>
    /// <param name="data">The int8 values followed by the scales, which need not be aligned.</param>
    /// <param name="groupSize">Values that share one scale.</param>
    /// <param name="values">Receives the float32 values.</param>
    public static void Decode(NativeSpan<byte> data, int groupSize, NativeSpan<float> values)
    {
        long groups = values.Length / groupSize;
        NativeSpan<byte> scales = data.Slice(values.Length);
        for (long group = 0; group < groups; group++)
        {
            float scale = BinaryPrimitives.ReadSingleLittleEndian(scales.AsSpan(group * sizeof(float), sizeof(float)));
            ReadOnlySpan<byte> codes = data.AsSpan(group * groupSize, groupSize);
            Span<float> target = values.AsSpan(group * groupSize, groupSize);
            for (int i = 0; i < target.Length; i++) target[i] = (sbyte)codes[i] * scale;
        }
    }
}
