using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Caravan.Kernels;

namespace Caravan.Formats;

/// <summary>Takes NF4 tensors apart as <see cref="BitsAndBytesTensors"/> joins them, with scales quantized twice.</summary>
internal static class BitsAndBytesWriter
{
    private const int BlockSize = 64, StateBytes = 256;

    /// <summary>The tensors of a file, with each NF4 tensor taken apart.</summary>
    public static IEnumerable<TensorSource> Apart(IEnumerable<TensorSource> tensors) => tensors.SelectMany(tensor => tensor.DType == DType.NF4 ? Apart(tensor) : [tensor]);

    /// <summary>The parts of a tensor, whose blocks are made when the first part is written and let go with the last.</summary>
    private static IEnumerable<TensorSource> Apart(TensorSource tensor)
    {
        long elements = TensorShape.Elements(tensor.Shape.AsSpan()), blocks = elements / BlockSize;
        int parts = 6;
        Made? made = null;
        return
        [
            Part("", DType.U8, [elements / 2, 1], now => now.Codes),
            Part(".absmax", DType.U8, [blocks], now => now.Scales.Codes),
            Part(".quant_map", DType.F32, [16], _ => MemoryMarshal.AsBytes(NF4.Values).ToArray()),
            Part(".nested_absmax", DType.F32, [(blocks + NestedScales.Group - 1) / NestedScales.Group], now => MemoryMarshal.AsBytes<float>(now.Scales.Largest).ToArray()),
            Part(".nested_quant_map", DType.F32, [256], _ => MemoryMarshal.AsBytes<float>(DynamicMap.Values).ToArray()),
            Part(".quant_state.bitsandbytes__nf4", DType.U8, [StateBytes], now => State(tensor.Shape, now.Scales.Offset)),
        ];

        TensorSource Part(string suffix, DType type, ImmutableArray<long> shape, Func<Made, byte[]> bytes) => new(tensor.Name + suffix, type, shape, stream =>
        {
            stream.Write(bytes(made ??= Make(tensor)));
            if (--parts == 0) made = null;
        });
    }

    private static Made Make(TensorSource tensor)
    {
        using MemoryStream blocks = new(checked((int)tensor.Bytes));
        tensor.Write(blocks);
        int blockBytes = DType.NF4.BlockBytes(), count = (int)(tensor.Bytes / blockBytes), codeBytes = BlockSize / 2;
        ReadOnlySpan<byte> bytes = blocks.GetBuffer().AsSpan(0, (int)tensor.Bytes);
        byte[] codes = new byte[count * codeBytes];
        float[] scales = new float[count];
        for (int block = 0; block < count; block++)
        {
            scales[block] = BitConverter.ToSingle(bytes[(block * blockBytes)..]);
            bytes.Slice((block * blockBytes) + sizeof(float), codeBytes).CopyTo(codes.AsSpan(block * codeBytes));
        }

        return new Made(codes, NestedScales.Of(scales));
    }

    /// <summary>What the parts mean, with blanks behind it so that its length is known before its numbers are.</summary>
    private static byte[] State(ImmutableArray<long> shape, float offset) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"quant_type": "nf4", "blocksize": {{BlockSize}}, "dtype": "float32", "shape": [{{string.Join(", ", shape)}}], "nested_blocksize": {{NestedScales.Group}}, "nested_dtype": "float32", "nested_offset": {{offset:R}}}""").PadRight(StateBytes));

    private sealed record Made(byte[] Codes, NestedScales Scales);
}
