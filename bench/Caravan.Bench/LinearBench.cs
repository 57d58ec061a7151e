using System.Diagnostics;
using Caravan.Kernels;

namespace Caravan.Bench;

/// <summary>One linear layer on weights that no cache holds: each call takes the next of several copies.</summary>
internal sealed class LinearBench : IDisposable
{
    private const long FarBeyondCaches = 192L << 20;

    private readonly KernelSet kernels;
    private readonly NativeBuffer weights, x, y;
    private readonly int copies;
    private int next;

    public LinearBench(KernelSet kernels, DType type, int outputs, int inputs, int rows)
    {
        this.kernels = kernels;
        (Type, Outputs, Inputs, Rows) = (type, outputs, inputs, rows);
        WeightBytes = type.Bytes((long)outputs * inputs);
        copies = rows > 8 ? 1 : (int)Math.Max(1, FarBeyondCaches / WeightBytes);
        weights = new NativeBuffer(copies * WeightBytes);
        x = new NativeBuffer((long)rows * inputs * sizeof(float));
        y = new NativeBuffer((long)rows * outputs * sizeof(float));
        Random random = new(1);
        foreach (ref float value in x.Bytes.Cast<float>().AsSpan()) value = (float)(random.NextDouble() - 0.5);
        float[] row = new float[inputs];
        for (int i = 0; i < inputs; i++) row[i] = (float)(random.NextDouble() - 0.5);
        using NativeBuffer source = new(inputs * sizeof(float));
        row.CopyTo(source.Bytes.Cast<float>().AsSpan());
        long rowBytes = type.Bytes(inputs);
        QuantFormats.Of(type).Encode(source.Bytes.Cast<float>(), weights.Bytes.Slice(0, rowBytes), inputs);
        for (long at = rowBytes; at < weights.Length; at += rowBytes) weights.Bytes.Slice(0, rowBytes).CopyTo(weights.Bytes.Slice(at, rowBytes));
    }

    public DType Type { get; }

    public int Outputs { get; }

    public int Inputs { get; }

    public int Rows { get; }

    public long WeightBytes { get; }

    public double Operations => 2.0 * Outputs * Inputs * Rows;

    /// <summary>Seconds per call.</summary>
    public double Time(ActivationPrecision precision)
    {
        Call(precision);
        int calls = 0;
        long start = Stopwatch.GetTimestamp();
        double seconds;
        do
        {
            Call(precision);
            calls++;
            seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        while (seconds < 0.04);
        return seconds / calls;
    }

    public void Dispose()
    {
        weights.Dispose();
        x.Dispose();
        y.Dispose();
    }

    private void Call(ActivationPrecision precision)
    {
        next = (next + 1) % copies;
        kernels.MatMul(x.Bytes.Cast<float>(), Type, weights.Bytes.Slice(next * WeightBytes, WeightBytes), Inputs, y.Bytes.Cast<float>(), precision);
    }
}
