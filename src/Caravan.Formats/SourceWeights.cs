using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>
/// The weights of the source as they pass by. Pages of a mapped file stay in the process's memory until the file is unmapped, so the source is
/// opened anew from time to time: a model of any size then needs a few hundred megabytes.
/// </summary>
internal sealed class SourceWeights(string path) : IDisposable
{
    /// <summary>Opening costs as much as reading some tens of megabytes.</summary>
    private const long BytesPerOpening = 128L << 20;

    private Checkpoint? checkpoint;
    private long read;

    /// <summary>The bytes of a tensor, until the next is asked for.</summary>
    /// <exception cref="CaravanException">The source cannot be read any more, or is not what it was.</exception>
    public NativeSpan<byte> Read(TensorEntry tensor)
    {
        TensorEntry stored = tensor.Stack ?? tensor;
        if (checkpoint is null || read + tensor.StoredBytes > BytesPerOpening)
        {
            checkpoint?.Dispose();
            checkpoint = null;
            checkpoint = CheckpointReader.Open(path);
            read = 0;
        }

        read += tensor.StoredBytes;
        return checkpoint.Tensors.TryGetValue(stored.Name, out TensorEntry? found) && found.DType == stored.DType && found.Shape.SequenceEqual(stored.Shape)
            ? (tensor.Stack is null ? found : found.Slice(tensor.Number, tensor.Parts)).Data
            : throw new CaravanException($"'{path}' changed while it was read: tensor '{stored.Name}' is not what it was; do it again.");
    }

    /// <summary>Closes the source.</summary>
    public void Dispose() => checkpoint?.Dispose();
}
