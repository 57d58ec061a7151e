namespace Caravan.Formats;

/// <summary>One of a JPEG picture's components: brightness, or one of two differences of colour.</summary>
internal sealed class JpegComponent
{
    /// <summary>Its number in the file.</summary>
    public required int Id { get; init; }

    /// <summary>Blocks of it side by side in a unit of the scan.</summary>
    public required int Across { get; init; }

    /// <summary>Blocks of it one above the other.</summary>
    public required int Down { get; init; }

    /// <summary>Number of its quantization table.</summary>
    public required int Table { get; init; }

    /// <summary>Its own pixels of a line.</summary>
    public int Width { get; set; }

    /// <summary>Its own lines.</summary>
    public int Height { get; set; }

    /// <summary>Blocks of a line, those that only fill a unit included.</summary>
    public int BlocksAcross { get; set; }

    /// <summary>Coefficients, 64 a block, in the order of lines.</summary>
    public short[] Coefficients { get; set; } = [];

    /// <summary>The last brightness, from which the next differs.</summary>
    public int Predicted { get; set; }

    /// <summary>Codes of the first coefficient, and of the others.</summary>
    public JpegCodes? First { get; set; }

    /// <inheritdoc cref="First"/>
    public JpegCodes? Others { get; set; }
}
