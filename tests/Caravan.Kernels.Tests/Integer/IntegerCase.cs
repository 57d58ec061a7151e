namespace Caravan.Kernels.Tests;

/// <summary>Weights and activations of one product, what the integer kernels should make of them in real arithmetic, and how far off they may be.</summary>
internal sealed class IntegerCase : IDisposable
{
    private readonly NativeBuffer x, weights, y;
    private readonly float[] activations, decoded, spreads;

    public IntegerCase(DType type, byte[] weightBytes, float[] activations, int columns)
    {
        Type = type;
        Columns = columns;
        this.activations = activations;
        x = Native.Copy<float>(activations);
        weights = Native.Copy<byte>(weightBytes);
        Rows = activations.Length / columns;
        Outputs = (int)(weightBytes.Length / type.Bytes(columns));
        y = new NativeBuffer((long)Rows * Outputs * sizeof(float));
        decoded = DecodeScalar(type, weightBytes);
        spreads = LargestPossible(type, weightBytes);
    }

    public DType Type { get; }

    public int Columns { get; }

    public int Rows { get; }

    public int Outputs { get; }

    public NativeSpan<float> X => x.Bytes.Cast<float>();

    public NativeSpan<byte> Weights => weights.Bytes;

    /// <summary>Blocks of random bytes whose halves are <paramref name="half"/>, so that every code and every group scale occurs.</summary>
    public static byte[] RandomBlocks(DType type, Random random, int elements, Func<ushort> half)
    {
        byte[] bytes = new byte[type.Bytes(elements)];
        random.NextBytes(bytes);
        SetHalves(type, bytes, half);
        return bytes;
    }

    /// <summary>Puts finite halves where a type has scales and minima.</summary>
    public static void SetHalves(DType type, byte[] bytes, Func<ushort> half)
    {
        for (int block = 0; block < bytes.Length; block += type.BlockBytes())
            foreach (int place in HalvesOf(type)) BitConverter.TryWriteBytes(bytes.AsSpan(block + place), half());
    }

    public float[] Run(KernelSet kernels, ActivationPrecision precision)
    {
        y.Bytes.Cast<float>().AsSpan().Fill(float.NaN);
        kernels.MatMul(X, Type, Weights, Columns, y.Bytes.Cast<float>(), precision);
        return y.Bytes.Cast<float>().AsSpan().ToArray();
    }

    /// <summary>
    /// Σ w · x in double, with x rounded to 8 bits a scalar at a time; Σ largest · |x| over the same, which rounding errors in float are
    /// relative to: code · scale and offset are summed apart, so that what counts is not the weight but the largest that a block with these
    /// halves can hold; and the bound Σ |w| · step / 2 of what rounding x costs.
    /// </summary>
    public (double Sum, double Magnitude, double QuantizationBound) Expected(int row, int output)
    {
        double sum = 0, magnitude = 0, bound = 0;
        for (int start = 0; start < Columns; start += 32)
        {
            ReadOnlySpan<float> block = activations.AsSpan((row * Columns) + start, 32);
            float largest = 0;
            foreach (float value in block) largest = Math.Max(largest, Math.Abs(value));
            float scale = largest < 1e-36f ? 0 : largest / 127, inverse = largest < 1e-36f ? 0 : 127 / largest;
            ReadOnlySpan<float> weight = decoded.AsSpan((output * Columns) + start, 32);
            float spread = spreads[((output * Columns) + start) / Type.BlockElements()];
            for (int i = 0; i < 32; i++)
            {
                double code = MathF.Round(block[i] * inverse);
                sum += weight[i] * scale * code;
                magnitude += 2 * spread * scale * Math.Abs(code);
                bound += Math.Abs(weight[i]) * largest / 127 / 2;
            }
        }

        return (sum, magnitude, bound);
    }

    /// <summary>Σ w · x in double with x as it is.</summary>
    public double Real(int row, int output)
    {
        double sum = 0;
        for (int i = 0; i < Columns; i++) sum += (double)decoded[(output * Columns) + i] * activations[(row * Columns) + i];
        return sum;
    }

    public void Dispose()
    {
        x.Dispose();
        weights.Dispose();
        y.Dispose();
    }

    /// <summary>For each block, the largest magnitude of a block with its halves.</summary>
    private static float[] LargestPossible(DType type, byte[] bytes)
    {
        float[] largest = new float[bytes.Length / type.BlockBytes()];
        foreach (byte fill in new byte[] { 0x00, 0x7F, 0x80, 0xF0, 0xFF })
        {
            byte[] filled = [.. bytes.Select(_ => fill)];
            foreach (int half in HalvesOf(type).SelectMany(offset => Enumerable.Range(0, largest.Length).Select(block => (block * type.BlockBytes()) + offset)))
            {
                filled[half] = bytes[half];
                filled[half + 1] = bytes[half + 1];
            }

            float[] values = DecodeScalar(type, filled);
            for (int i = 0; i < values.Length; i++)
                largest[i / type.BlockElements()] = Math.Max(largest[i / type.BlockElements()], Math.Abs(values[i]));
        }

        return largest;
    }

    private static int[] HalvesOf(DType type) => type switch
    {
        DType.Q4_0 or DType.Q5_0 or DType.Q8_0 or DType.IQ4_NL or DType.IQ4_XS => [0],
        DType.Q4_1 or DType.Q5_1 or DType.Q4_K or DType.Q5_K => [0, 2],
        DType.Q2_K => [80, 82],
        DType.Q3_K => [108],
        DType.Q6_K => [208],
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "add the type here"),
    };

    private static unsafe float[] DecodeScalar(DType type, byte[] bytes)
    {
        float[] values = new float[bytes.Length / type.BlockBytes() * type.BlockElements()];
        fixed (byte* source = bytes)
        fixed (float* target = values)
            BlockFormats.Decode(type, true, source, target, values.Length);
        return values;
    }
}
