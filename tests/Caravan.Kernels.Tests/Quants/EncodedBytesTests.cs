using System.Security.Cryptography;

namespace Caravan.Kernels.Tests;

/// <summary>
/// Guards the searches on far more blocks than the fixtures have, where nearly equal errors are decided otherwise by the smallest change.
/// The hashes are those of the bytes that ggml's own C code (ggml-quants.c of ggml commit d99724f2, gcc -O2 -ffp-contract=off)
/// writes for the same rows; 2026-11-21.
/// </summary>
public sealed class EncodedBytesTests
{
    private const int RowElements = 512;
    private const int RowCount = 256;

    [Theory]
    [InlineData(DType.Q4_0, "b03290aa879387f7", "59790ff02f5d1a1c")]
    [InlineData(DType.Q4_1, "aba24d77f53ae040", "ba79a1e90fd3b5fa")]
    [InlineData(DType.Q5_0, "ccbb014225eddb45", "baa62e99a3c97aab")]
    [InlineData(DType.Q5_1, "4d104851ec8b742f", "9e3e4dc3425e32eb")]
    [InlineData(DType.Q8_0, "d6a61fc084474ff0", "d6a61fc084474ff0")]
    [InlineData(DType.Q2_K, "b7204c2b2ad46bb4", "d0eb7d6f29a6f310")]
    [InlineData(DType.Q3_K, "0dda4d34f3be8f89", "04def7c3e71d8f25")]
    [InlineData(DType.Q4_K, "863fb463cf3d2cdc", "19752293867ae21c")]
    [InlineData(DType.Q5_K, "c69d8b63770372f5", "f1068ff3a80da783")]
    [InlineData(DType.Q6_K, "94d6777e0eaaa5d9", "8664ef41d67f16b0")]
    [InlineData(DType.IQ4_NL, "33cffc6c1ec02412", "d106cd26e71d9730")]
    [InlineData(DType.IQ4_XS, "17eee548fd816e47", "e7fde59810b15492")]
    public void Encodes_as_ggml_with_and_without_importance(DType type, string plain, string weighted)
    {
        float[] rows = MakeRows(RowElements * RowCount, seed: 1);
        float[] importance = Rows.Make(RowElements, i => i % 7 * (i % 5) / 4f);
        Assert.Equal((plain, weighted), (Hash(type, rows, []), Hash(type, rows, importance)));
    }

    /// <summary>Integer arithmetic only, so every machine makes the same rows: bell-shaped, heavy-tailed, shifted, sparse, of many sizes.</summary>
    private static float[] MakeRows(int count, ulong seed)
    {
        float[] rows = new float[count];
        ulong state = seed;
        for (int i = 0; i < count; i++)
        {
            float bell = 0;
            for (int draw = 0; draw < 4; draw++)
            {
                state = (state * 6364136223846793005) + 1442695040888963407;
                bell += (int)(state >> 40) / 8388608f - 1;
            }

            int row = i / RowElements;
            float value = (row % 4) switch
            {
                0 => bell,
                1 => bell * bell * bell,
                2 => bell + (row % 16) - 8,
                _ => (state >> 36) % 4 == 0 ? bell : 0,
            };
            rows[i] = value * MathF.ScaleB(1, (row / 4 % 24) - 16);
        }

        return rows;
    }

    private static string Hash(DType type, float[] rows, float[] importance)
    {
        using NativeBuffer source = Native.Copy<float>(rows);
        using NativeBuffer weights = Native.Copy<float>(importance);
        using NativeBuffer blocks = new(type.Bytes(rows.Length));
        QuantFormats.Of(type).Encode(source.Bytes.Cast<float>(), blocks.Bytes, RowElements, weights.Bytes.Cast<float>());
        return Convert.ToHexStringLower(SHA256.HashData(blocks.Bytes.AsSpan()))[..16];
    }
}
