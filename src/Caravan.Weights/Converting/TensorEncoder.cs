using System.Numerics;
using System.Runtime.InteropServices;
using Caravan.Formats;
using Caravan.Kernels;

namespace Caravan.Weights;

/// <summary>
/// Produces the bytes of tensors slab by slab, so that a model of any size passes through a few megabytes. Rows of a slab are shared out among
/// threads; a row whose type stays the same is copied.
/// </summary>
/// <param name="sourcePath">What messages call the source.</param>
/// <param name="threads">Threads that share the work; 0 means one for each physical core.</param>
/// <param name="source">Where weights are read anew, so that they leave memory again; null takes them where they are mapped already.</param>
internal sealed class TensorEncoder(string sourcePath, int threads, SourceWeights? source = null) : IDisposable
{
    /// <summary>Large enough that threads have something to do, small enough to stay near the processor.</summary>
    private const long SlabBytes = 4 << 20;

    private readonly int threads = threads > 0 ? threads : Cpu.Cores;
    private NativeSpan<byte> data;
    private NativeBuffer slab = new(0);
    private NativeBuffer values = new(0);
    private NativeBuffer importance = new(0);

    /// <summary>The tensor as writers take it; its bytes are made when its turn comes.</summary>
    public TensorSource Source(PlannedTensor tensor) => new(tensor.Name, tensor.Type, tensor.Shape, stream => Write(tensor, stream));

    /// <summary>Frees the buffers.</summary>
    public void Dispose()
    {
        slab.Dispose();
        values.Dispose();
        importance.Dispose();
    }

    private void Write(PlannedTensor tensor, Stream stream)
    {
        long rowBytes = tensor.Type.Bytes(tensor.Columns);
        long slabRows = Math.Clamp(SlabBytes / rowBytes, 1, tensor.Rows);
        Reserve(ref slab, slabRows * rowBytes);
        Reserve(ref values, threads * tensor.Columns * sizeof(float));
        Reserve(ref importance, tensor.Importance.Length * tensor.Columns * sizeof(float));
        for (int part = 0; part < tensor.Importance.Length; part++) tensor.Importance[part]?.CopyTo(ImportanceOf(tensor, part).AsSpan());

        long partRows = tensor.Rows / tensor.Parts.Length;
        for (int part = 0; part < tensor.Parts.Length; part++)
        {
            data = source is null ? tensor.Parts[part].Data : source.Read(tensor.Parts[part]);
            for (long row = 0; row < partRows; row += slabRows)
            {
                long count = Math.Min(slabRows, partRows - row);
                Fill(tensor, part, row, count);
                stream.Write(slab.Bytes.Slice(0, count * rowBytes).AsSpan());
            }
        }
    }

    private NativeSpan<float> ImportanceOf(PlannedTensor tensor, int part) =>
        tensor.Importance.IsEmpty || tensor.Importance[part] is null ? default : importance.Bytes.Cast<float>().Slice(part * tensor.Columns, tensor.Columns);

    private static void Reserve(ref NativeBuffer buffer, long bytes)
    {
        if (buffer.Length >= bytes) return;
        buffer.Dispose();
        buffer = new NativeBuffer(bytes, clear: false);
    }

    private void Fill(PlannedTensor tensor, int part, long start, long count)
    {
        int shares = (int)Math.Min(threads, count);
        try
        {
            Parallel.For(0, shares, share => FillShare(tensor, part, start, share * count / shares, (share + 1) * count / shares, share));
        }
        catch (AggregateException)
        {
            // Which thread failed first is chance; alone, one thread finds the first row that cannot be stored.
            FillShare(tensor, part, start, 0, count, 0);
            throw;
        }
    }

    private void FillShare(PlannedTensor tensor, int part, long start, long first, long end, int share)
    {
        NativeSpan<float> row = values.Bytes.Cast<float>().Slice(share * tensor.Columns, tensor.Columns);
        long rowBytes = tensor.Type.Bytes(tensor.Columns);
        for (long i = first; i < end; i++)
            EncodeRow(tensor, part, tensor.Order?.SourceRow(start + i) ?? start + i, row, slab.Bytes.Slice(i * rowBytes, rowBytes));
    }

    private void EncodeRow(PlannedTensor tensor, int part, long sourceRow, NativeSpan<float> row, NativeSpan<byte> destination)
    {
        TensorEntry entry = tensor.Parts[part];
        long bytes = entry.DType.Bytes(tensor.Columns);
        NativeSpan<byte> stored = data.Slice(sourceRow * bytes, bytes);
        QuantFormats.Of(entry.DType).Decode(stored, row);
        RequireFinite(entry, sourceRow, row);
        if (entry.DType == tensor.Type)
        {
            stored.CopyTo(destination);
            return;
        }

        try
        {
            QuantFormats.Of(tensor.Type).Encode(row, destination, tensor.Columns, ImportanceOf(tensor, part), sourceRow);
        }
        catch (CaravanException exception)
        {
            throw new CaravanException(
                $"'{sourcePath}': tensor '{entry.Name}' cannot become {tensor.Type}: {char.ToLowerInvariant(exception.Message[0])}{exception.Message[1..]}", exception);
        }
    }

    /// <summary>A number times zero is zero, unless it is not finite: that shows a whole row at once.</summary>
    private void RequireFinite(TensorEntry entry, long sourceRow, NativeSpan<float> row)
    {
        Span<float> numbers = row.AsSpan();
        ReadOnlySpan<Vector<float>> lanes = MemoryMarshal.Cast<float, Vector<float>>(numbers);
        Vector<float> zeros = Vector<float>.Zero;
        foreach (Vector<float> lane in lanes) zeros += lane * Vector<float>.Zero;
        bool finite = Vector.Sum(zeros) == 0;
        for (int i = lanes.Length * Vector<float>.Count; i < numbers.Length; i++) finite &= float.IsFinite(numbers[i]);
        if (finite) return;
        int column = 0;
        while (float.IsFinite(numbers[column])) column++;
        throw new CaravanException(
            $"'{sourcePath}': tensor '{entry.Name}' holds {numbers[column]} at row {sourceRow}, column {column}; a model with such a weight computes nothing, " +
            "so it is not converted: download or train it again.");
    }
}
