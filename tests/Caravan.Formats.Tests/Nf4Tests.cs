using System.Text.Json;
using Caravan.Kernels;
using Caravan.Testing;

namespace Caravan.Formats.Tests;

/// <summary>NF4 and its double quantization against the golden numbers.</summary>
public class Nf4Tests
{
    [FixtureFact]
    public void CodesScalesAndValuesAreTheGoldenOnes()
    {
        JsonElement golden = Golden();
        Assert.Equal(golden.GetProperty("nf4_codebook").Deserialize<float[]>()!, NF4.Values.ToArray());
        float[][] rows = golden.GetProperty("weight_64x64").Deserialize<float[][]>()!, firstRows = golden.GetProperty("dequantized_first_4_rows").Deserialize<float[][]>()!;
        byte[] packed = [.. golden.GetProperty("packed_bytes").EnumerateArray().Select(code => code.GetByte())];
        float[] scales = golden.GetProperty("absmax").Deserialize<float[]>()!;
        byte[] blocks = Encode([.. rows.SelectMany(row => row)]);
        for (int block = 0; block < 64; block++)
        {
            Assert.Equal(scales[block], BitConverter.ToSingle(blocks, block * 36), 1e-7f * scales[block]);
            Assert.Equal(packed.AsSpan(block * 32, 32), blocks.AsSpan((block * 36) + 4, 32));
        }

        float[] decoded = Decode(blocks, 4096);
        for (int i = 0; i < 256; i++) Assert.Equal(firstRows[i / 64][i % 64], decoded[i], 1e-7f);
    }

    [FixtureFact]
    public void ScalesInEightBitsAreTheGoldenOnes()
    {
        JsonElement golden = Golden(), nested = golden.GetProperty("double_quant");
        float[] map = golden.GetProperty("dynamic_map_8bit_signed").Deserialize<float[]>()!, expected = nested.GetProperty("dequantized_absmax").Deserialize<float[]>()!;
        // The golden map was made of float steps.
        for (int i = 0; i < 256; i++) Assert.Equal(map[i], DynamicMap.Values[i], 6e-8f);
        NestedScales scales = NestedScales.Of(golden.GetProperty("absmax").Deserialize<float[]>()!);
        Assert.Equal(nested.GetProperty("offset").GetSingle(), scales.Offset, 1e-6f);
        Assert.Equal(nested.GetProperty("absmax2").GetSingle(), scales.Largest[0], 1e-6f);
        Assert.Equal([.. nested.GetProperty("quantized_absmax").EnumerateArray().Select(code => code.GetByte())], scales.Codes);
        Assert.All(expected.Zip(scales.Decode()), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Fact]
    public void VectorsDecodeWhatSingleElementsDo()
    {
        Random random = new(3);
        byte[] blocks = new byte[36 * 20];
        random.NextBytes(blocks);
        for (int block = 0; block < 20; block++) BitConverter.TryWriteBytes(blocks.AsSpan(block * 36), random.NextSingle());
        float[] decoded = Decode(blocks, 64 * 20);
        for (int i = 0; i < decoded.Length; i++)
        {
            int code = blocks[(i / 64 * 36) + 4 + (i % 64 / 2)];
            Assert.Equal(BitConverter.ToSingle(blocks, i / 64 * 36) * NF4.Values[i % 2 == 0 ? code >> 4 : code & 15], decoded[i]);
        }
    }

    private static JsonElement Golden() => JsonDocument.Parse(File.ReadAllText(Fixtures.PathOf("training", "nf4.json"))).RootElement;

    private static byte[] Encode(float[] values)
    {
        using NativeBuffer source = new(values.Length * sizeof(float)), blocks = new(DType.NF4.Bytes(values.Length));
        values.CopyTo(source.Bytes.Cast<float>().AsSpan());
        QuantFormats.Of(DType.NF4).Encode(source.Bytes.Cast<float>(), blocks.Bytes, 64);
        return blocks.Bytes.AsSpan().ToArray();
    }

    private static float[] Decode(byte[] bytes, int count)
    {
        using NativeBuffer blocks = new(bytes.Length), decoded = new(count * sizeof(float));
        bytes.CopyTo(blocks.Bytes.AsSpan());
        QuantFormats.Of(DType.NF4).Decode(blocks.Bytes, decoded.Bytes.Cast<float>());
        return decoded.Bytes.Cast<float>().AsSpan().ToArray();
    }
}
