using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Caravan.Formats.Tests;

/// <summary>The float32 tensors of a safetensors file, read without Caravan's reader so that the two readers are checked against a third.</summary>
internal sealed class SafetensorsValues : IDisposable
{
    private readonly byte[] bytes;
    private readonly JsonDocument header;
    private readonly int start;

    public SafetensorsValues(string path)
    {
        bytes = File.ReadAllBytes(path);
        start = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        header = JsonDocument.Parse(bytes.AsMemory(8, start - 8));
    }

    public float[] this[string name]
    {
        get
        {
            JsonElement offsets = header.RootElement.GetProperty(name).GetProperty("data_offsets");
            return MemoryMarshal.Cast<byte, float>(bytes.AsSpan(start + offsets[0].GetInt32(), offsets[1].GetInt32() - offsets[0].GetInt32())).ToArray();
        }
    }

    public void Dispose() => header.Dispose();
}
