package org.springframework.http;

public class ResponseEntity<T> {
    public int status;
    public String cacheControl;
    public T body;

    public static Builder ok() { return status(200); }

    public static Builder status(int status) {
        Builder builder = new Builder();
        builder.status = status;
        return builder;
    }

    public static class Builder {
        int status;
        String cacheControl;

        public Builder cacheControl(CacheControl value) {
            cacheControl = "no-store";
            return this;
        }

        public <T> ResponseEntity<T> build() { return body(null); }

        public <T> ResponseEntity<T> body(T value) {
            ResponseEntity<T> entity = new ResponseEntity<>();
            entity.status = status;
            entity.cacheControl = cacheControl;
            entity.body = value;
            return entity;
        }
    }
}
