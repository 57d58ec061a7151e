using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Caravan.Kernels;

namespace Caravan.Weights;

/// <summary>
/// Importance matrices as llama-imatrix wrote them before it took to GGUF, usually named <c>imatrix.dat</c>. Integers of 32 bits, little-endian:
/// <code>
/// number of matrices, then for each: length of its name, the name, calls n, number of columns, as many floats (mean square · n)
/// number of chunks, length of the data set's name, the name (may be missing)
/// </code>
/// </summary>
/// <remarks>Source: llama.cpp's llama-imatrix (<c>--output-format dat</c>).</remarks>
internal static class ImportanceLegacyFile
{
    private const int LongestName = 4096;

    public static ImportanceMatrix Read(string path)
    {
        using MappedFile file = MappedFile.Open(path);
        if (file.Bytes.Length > int.MaxValue) throw Damaged(path, 0);
        Reader reader = new(path, file.Bytes.AsSpan());
        int count = reader.Integer(1, int.MaxValue);
        OrderedDictionary<string, ImportanceSums> tensors = new(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            string name = reader.Text(LongestName);
            int calls = reader.Integer(1, int.MaxValue);
            if (!tensors.TryAdd(name, new ImportanceSums(reader.Floats(), calls)))
                throw new CaravanException($"'{path}' holds '{name}' twice; make the importance matrix again.");
        }

        bool more = !reader.AtEnd;
        int chunks = more ? reader.Integer(0, int.MaxValue) : 0;
        return new ImportanceMatrix(tensors, more && !reader.AtEnd ? [reader.Text(int.MaxValue)] : [], chunks, chunkTokens: 0);
    }

    private static CaravanException Damaged(string path, int offset) => new(
        $"'{path}' is no importance matrix: it is neither GGUF nor in llama-imatrix's older format (from byte {offset} on); give a file of llama-imatrix or a text.");

    private ref struct Reader(string path, ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> bytes = bytes;
        private int position;

        public readonly bool AtEnd => position == bytes.Length;

        public int Integer(int smallest, int largest)
        {
            int start = position;
            int value = BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));
            return value >= smallest && value <= largest ? value : throw Damaged(path, start);
        }

        public string Text(int longest) => Encoding.UTF8.GetString(Take(Integer(0, longest)));

        public float[] Floats()
        {
            int count = Integer(1, int.MaxValue / sizeof(float));
            return MemoryMarshal.Cast<byte, float>(Take(count * sizeof(float))).ToArray();
        }

        private ReadOnlySpan<byte> Take(int count)
        {
            if (count > bytes.Length - position) throw Damaged(path, position);
            ReadOnlySpan<byte> part = bytes.Slice(position, count);
            position += count;
            return part;
        }
    }
}
