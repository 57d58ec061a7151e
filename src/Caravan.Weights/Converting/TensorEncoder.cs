using System.Numerics;
using System.Runtime.InteropServices;
using Caravan.Formats;
using Caravan.Kernels;
using Caravan.Models;

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
    private readonly List<NativeBuffer> gathered = [];
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
        foreach (NativeBuffer buffer in gathered) buffer.Dispose();
    }

    private void Write(PlannedTensor tensor, Stream stream)
    {
        if (tensor.Stacked && (tensor.Transposed || tensor.PartsPerMatrix > 1))
        {
            foreach (PlannedTensor part in tensor.Alone) Write(part, stream);
            return;
        }

        long rowBytes = tensor.Type.Bytes(tensor.Columns);
        long slabRows = tensor.Transposed ? tensor.Rows : Math.Clamp(SlabBytes / rowBytes, 1, tensor.Rows);
        Reserve(ref slab, slabRows * rowBytes * (tensor.Transposed ? 2 : 1));
        Reserve(ref values, threads * tensor.Columns * sizeof(float));
        Reserve(ref importance, tensor.Columns * sizeof(float));
        if (tensor.Transposed || tensor.IsWoven) WriteTogether(tensor, rowBytes, slabRows, stream);
        else
            foreach (PlannedPart part in tensor.Parts)
            {
                NativeSpan<byte> data = Data(part.Source, 0);
                SetImportance(part);
                long rows = part.Source.Elements / tensor.Columns;
                for (long row = 0; row < rows; row += slabRows)
                {
                    long count = Math.Min(slabRows, rows - row);
                    Fill(new Piece(tensor, part, data, row, 0), count);
                    stream.Write(slab.Bytes.Slice(0, count * rowBytes).AsSpan());
                }
            }
    }

    /// <summary>Parts that take turns, or a matrix that is turned: everything has to be at hand.</summary>
    private void WriteTogether(PlannedTensor tensor, long rowBytes, long slabRows, Stream stream)
    {
        NativeSpan<byte>[] data = [.. tensor.Parts.Select((part, number) => Data(part.Source, number, keep: true))];
        for (long start = 0; start < tensor.Rows; start += slabRows)
        {
            long count = Math.Min(slabRows, tensor.Rows - start);
            for (long done = 0; done < count;)
            {
                (int part, long row, long run) = PartAt(tensor, start + done);
                run = Math.Min(run, count - done);
                SetImportance(tensor.Parts[part]);
                Fill(new Piece(tensor, tensor.Parts[part], data[part], row, done), run);
                done += run;
            }

            NativeSpan<byte> made = slab.Bytes.Slice(0, count * rowBytes);
            if (tensor.Transposed)
            {
                NativeSpan<byte> turned = slab.Bytes.Slice(made.Length, made.Length);
                Transposition.Copy(tensor.Type, made, count, tensor.Columns, null, turned);
                made = turned;
            }

            foreach (long at in Pieces(made.Length)) stream.Write(made.Slice(at, Math.Min(SlabBytes, made.Length - at)).AsSpan());
        }
    }

    private static IEnumerable<long> Pieces(long length)
    {
        for (long at = 0; at < length; at += SlabBytes) yield return at;
    }

    /// <summary>Which part a row of the target belongs to, its row there, and how many of the part follow it.</summary>
    private static (int Part, long Row, long Run) PartAt(PlannedTensor tensor, long target)
    {
        for (int part = 0; part < tensor.Parts.Length; part++)
        {
            RowRuns place = tensor.Parts[part].Place;
            if (place.RowAt(target) is >= 0 and long row) return (part, row, place.Count - (row % place.Count));
        }

        throw new InvalidOperationException($"Nothing belongs at row {target} of '{tensor.Name}'.");
    }

    /// <summary>A weight's bytes in its own order: those of the file, or brought together.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="buffer">Which buffer to bring them together in.</param>
    /// <param name="keep">Whether other weights will be asked for before these bytes are used.</param>
    private NativeSpan<byte> Data(WeightSource weight, int buffer, bool keep = false)
    {
        NativeSpan<byte> data = source is null ? weight.Tensor.Data : source.Read(weight.Tensor);
        if (weight.IsContiguous && !(keep && source is not null)) return weight.Cut(data);
        while (gathered.Count <= buffer) gathered.Add(new NativeBuffer(0));
        NativeBuffer room = gathered[buffer];
        long bytes = weight.DType.Bytes(weight.Elements);
        Reserve(ref room, bytes);
        gathered[buffer] = room;
        weight.Gather(data, room.Bytes.Slice(0, bytes));
        return room.Bytes.Slice(0, bytes);
    }

    private void SetImportance(PlannedPart part) => part.Importance?.CopyTo(importance.Bytes.Cast<float>().Slice(0, part.Importance.Length).AsSpan());

    private NativeSpan<float> ImportanceOf(PlannedPart part) =>
        part.Importance is null ? default : importance.Bytes.Cast<float>().Slice(0, part.Importance.Length);

    private static void Reserve(ref NativeBuffer buffer, long bytes)
    {
        if (buffer.Length >= bytes) return;
        buffer.Dispose();
        buffer = new NativeBuffer(bytes, clear: false);
    }

    private void Fill(Piece piece, long count)
    {
        int shares = (int)Math.Min(threads, count);
        try
        {
            if (shares == 1) FillShare(piece, 0, count, 0);
            else Parallel.For(0, shares, share => FillShare(piece, share * count / shares, (share + 1) * count / shares, share));
        }
        catch (AggregateException)
        {
            // Which thread failed first is chance; alone, one thread finds the first row that cannot be stored.
            FillShare(piece, 0, count, 0);
            throw;
        }
    }

    private void FillShare(Piece piece, long first, long end, int share)
    {
        PlannedTensor tensor = piece.Tensor;
        NativeSpan<float> row = values.Bytes.Cast<float>().Slice(share * tensor.Columns, tensor.Columns);
        long rowBytes = tensor.Type.Bytes(tensor.Columns);
        for (long i = first; i < end; i++)
            EncodeRow(piece, piece.Part.Order?.SourceRow(piece.Row + i) ?? piece.Row + i, row, slab.Bytes.Slice((piece.At + i) * rowBytes, rowBytes));
    }

    private void EncodeRow(Piece piece, long sourceRow, NativeSpan<float> row, NativeSpan<byte> destination)
    {
        (PlannedTensor tensor, WeightSource weight) = (piece.Tensor, piece.Part.Source);
        long bytes = weight.DType.Bytes(tensor.Columns);
        NativeSpan<byte> stored = piece.Data.Slice(sourceRow * bytes, bytes);
        QuantFormats.Of(weight.DType).Decode(stored, row);
        RequireFinite(weight.Tensor, sourceRow, row);
        bool shortened = tensor.UnitRows && !weight.UnitRows;
        if (weight.DType == tensor.Type && weight.Map == tensor.Map && !shortened)
        {
            stored.CopyTo(destination);
            return;
        }

        if (weight.Map != tensor.Map)
            foreach (ref float element in row.AsSpan()) element = Mapped(element, weight.Map, tensor.Map);
        if (shortened) Shorten(row.AsSpan());
        try
        {
            QuantFormats.Of(tensor.Type).Encode(row, destination, tensor.Columns, ImportanceOf(piece.Part), sourceRow);
        }
        catch (CaravanException exception)
        {
            throw new CaravanException(
                $"'{sourcePath}': tensor '{weight.Tensor.Name}' cannot become {tensor.Type}: {char.ToLowerInvariant(exception.Message[0])}{exception.Message[1..]}", exception);
        }
    }

    /// <summary>Divides a row by its length.</summary>
    private static void Shorten(Span<float> row)
    {
        double squares = 0;
        foreach (float element in row) squares += (double)element * element;
        foreach (ref float element in row) element = (float)(element / Math.Sqrt(squares));
    }

    private static float Mapped(float stored, ElementMap? from, ElementMap? to)
    {
        double value = from?.FromDisk(stored) ?? stored;
        return (float)(to?.ToDisk(value) ?? value);
    }

    /// <summary>Rows of a part that become rows of the slab.</summary>
    /// <param name="Tensor">The target.</param>
    /// <param name="Part">The part.</param>
    /// <param name="Data">The part's bytes in its own order.</param>
    /// <param name="Row">Its first row.</param>
    /// <param name="At">The first row in the slab.</param>
    private readonly record struct Piece(PlannedTensor Tensor, PlannedPart Part, NativeSpan<byte> Data, long Row, long At);

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
