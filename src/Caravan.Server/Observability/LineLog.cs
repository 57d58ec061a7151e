using Microsoft.Extensions.Logging;

namespace Caravan.Server;

/// <summary>Writes log entries to a text, a line each: time, level, sentence.</summary>
internal sealed class LineLog(TextWriter text) : ILoggerProvider
{
    private readonly Lock gate = new();

    public ILogger CreateLogger(string categoryName) => new Entries(this);

    public void Dispose()
    {
    }

    private void Write(LogLevel level, string message, Exception? exception)
    {
        string line = $"{DateTime.UtcNow:yyyy-MM-ddTHH:mm:ss.fffZ} {Name(level)} {message}{(exception is null ? "" : $" {exception.GetType().Name}: {exception.Message}")}";
        lock (gate)
        {
            text.WriteLine(line);
            // Where somebody has to look for a defect, the trace is worth its lines.
            if (exception is not null and not CaravanException && level >= LogLevel.Error) text.WriteLine(exception.StackTrace);
        }
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Warning => "warning",
        LogLevel.Error or LogLevel.Critical => "error",
        _ => "info",
    };

    private sealed class Entries(LineLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) log.Write(logLevel, formatter(state, exception), exception);
        }
    }
}
