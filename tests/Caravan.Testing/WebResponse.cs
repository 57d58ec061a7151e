using System.Text;

namespace Caravan.Testing;

/// <summary>What <see cref="WebServer"/> answers.</summary>
/// <param name="Status">The status, such as 200.</param>
public sealed record WebResponse(int Status)
{
    /// <summary>Header lines.</summary>
    public (string Name, string Value)[] Headers { get; init; } = [];

    /// <summary>The content.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>Bytes after which the connection breaks; all of them by default.</summary>
    public int BreakAfter { get; init; } = int.MaxValue;

    /// <summary>Released before the content is sent; null: at once.</summary>
    public WaitHandle? Hold { get; init; }

    /// <summary>A content of JSON.</summary>
    public static WebResponse Json(string json) => new(200) { Headers = [("Content-Type", "application/json")], Body = Encoding.UTF8.GetBytes(json) };

    /// <summary>A redirection.</summary>
    public static WebResponse Redirect(string location, params (string Name, string Value)[] headers) => new(302) { Headers = [("Location", location), .. headers] };

    /// <summary>A refusal as a hub gives it.</summary>
    public static WebResponse Refusal(int status, string code) => new(status) { Headers = [("X-Error-Code", code)] };
}
