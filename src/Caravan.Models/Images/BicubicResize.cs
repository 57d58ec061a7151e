using Caravan.Formats;

namespace Caravan.Models;

/// <summary>
/// Resizes pictures as Pillow does, whose results models were trained with: cubic convolution with a = −1/2 (Keys 1981), widened by the scale where a
/// picture shrinks, along lines and then along columns, rounded to bytes after each, with weights of 22 bits of fraction.
/// </summary>
internal static class BicubicResize
{
    private const int FractionBits = 22;

    /// <summary>[height, width, 3] of a picture in another size.</summary>
    public static byte[] Run(Picture picture, int width, int height)
    {
        byte[] wide = Along(picture.Pixels, picture.Height, picture.Width, width, lineStep: 3 * picture.Width, step: 3, newLineStep: 3 * width, newStep: 3);
        return Along(wide, width, picture.Height, height, lineStep: 3, step: 3 * width, newLineStep: 3, newStep: 3 * width);
    }

    private static byte[] Along(byte[] pixels, int lines, int size, int newSize, int lineStep, int step, int newLineStep, int newStep)
    {
        if (size == newSize) return pixels;
        byte[] result = new byte[checked(3 * lines * newSize)];
        for (int at = 0; at < newSize; at++)
        {
            (int first, int[] weights) = Weights(at, size, newSize);
            for (int line = 0; line < lines; line++)
                for (int colour = 0; colour < 3; colour++)
                {
                    int sum = 1 << (FractionBits - 1), from = (line * lineStep) + (first * step) + colour;
                    for (int i = 0; i < weights.Length; i++) sum += weights[i] * pixels[from + (i * step)];
                    result[(line * newLineStep) + (at * newStep) + colour] = (byte)Math.Clamp(sum >> FractionBits, 0, 255);
                }
        }

        return result;
    }

    /// <summary>The first pixel that counts for a new one, and the weights from there.</summary>
    private static (int First, int[] Weights) Weights(int at, int size, int newSize)
    {
        double scale = (double)size / newSize, spread = Math.Max(1, scale), center = (at + 0.5) * scale, support = 2 * spread;
        int first = Math.Max(0, (int)(center - support + 0.5)), end = Math.Min(size, (int)(center + support + 0.5));
        double[] weights = [.. Enumerable.Range(first, end - first).Select(pixel => Cubic((pixel - center + 0.5) / spread))];
        double sum = weights.Sum();
        return (first, [.. weights.Select(weight => (int)Math.Round(weight / sum * (1 << FractionBits), MidpointRounding.AwayFromZero))]);
    }

    private static double Cubic(double x)
    {
        const double a = -0.5;
        x = Math.Abs(x);
        return x < 1 ? ((((a + 2) * x) - (a + 3)) * x * x) + 1 : x < 2 ? ((((x - 5) * x) + 8) * x * a) - (4 * a) : 0;
    }
}
